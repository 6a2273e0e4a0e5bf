# The developer's vocabulary. ./run and ./test need none of it.
BIN = .venv/bin
unexport PYTHONDONTWRITEBYTECODE

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

lint: ## style, layers, migrations, templates, types, lock, translations
	@scripts/lint

fmt: ## put the code in its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## measure one thing: make bench NAME=animatic
	@test -n "$(NAME)" || { echo "Which one? make bench NAME=animatic"; ls benchmarks/*.py; exit 1; }
	$(BIN)/python -m benchmarks.$(NAME)

screens: ## take the README's pictures again
	$(BIN)/python -m tests.browser.take_screens

film: ## make the film of the home page and the README again
	$(BIN)/python -m tests.browser.take_home_film

lock: ## pin the newest of what pyproject.toml allows: make lock UPGRADE=1
	UPGRADE=$(UPGRADE) scripts/lock

messages: ## collect the words to translate and compile the translations
	$(BIN)/python manage.py makemessages --locale zh_Hans --no-location --no-obsolete --no-wrap --ignore .venv --ignore var --ignore tests
	sed -i.bak '/^"POT-Creation-Date/d' locale/zh_Hans/LC_MESSAGES/django.po && rm locale/zh_Hans/LC_MESSAGES/django.po.bak
	$(BIN)/python manage.py compilemessages --ignore .venv

.PHONY: help lint fmt bench screens film lock messages
