"""URLs of buying."""

from django.urls import path

from accounts.billing.payments import subscription_views, views, webhooks

app_name = "payments"
urlpatterns = [
    path("", views.list_purchases, name="purchases"),
    path("buy/", views.buy, name="buy"),
    path("voucher/", views.voucher, name="voucher"),
    path("subscribe/<slug:code>/<int:version>/", subscription_views.subscribe, name="subscribe"),
    path("change/<slug:code>/<int:version>/", subscription_views.change, name="change"),
    path("renewal/", subscription_views.set_renewal, name="renewal"),
    path("portal/", views.portal, name="portal"),
    path("stripe/", webhooks.receive_stripe, name="stripe_webhook"),
    path("wechat/", webhooks.receive_wechat, name="wechat_webhook"),
    path("alipay/", webhooks.receive_alipay, name="alipay_webhook"),
    path("<uuid:pk>/", views.show_purchase, name="purchase"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
]
