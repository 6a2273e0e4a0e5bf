"""URLs of buying."""

from django.urls import path

from accounts.payments import subscription_views, views

app_name = "payments"
urlpatterns = [
    path("", views.list_purchases, name="purchases"),
    path("buy/", views.buy, name="buy"),
    path("voucher/", views.voucher, name="voucher"),
    path("subscribe/<slug:code>/<int:version>/", subscription_views.subscribe, name="subscribe"),
    path("portal/", views.portal, name="portal"),
    path("stripe/", views.stripe_webhook, name="stripe_webhook"),
    path("<uuid:pk>/", views.show_purchase, name="purchase"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
]
