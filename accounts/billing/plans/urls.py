from django.urls import path

from accounts.billing.plans import views

app_name = "plans"
urlpatterns = [
    path("", views.show_plans, name="plans"),
    path("<slug:code>/<int:version>/take/", views.take_version, name="take"),
    path("<slug:code>/<int:version>/try/", views.start_trial, name="try"),
]
