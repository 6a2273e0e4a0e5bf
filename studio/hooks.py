"""Register the studio's job kinds, tasks, checks and slots with the apps that it is built on."""
