"""URLs of the operators' pages, which each app contributes to."""

from django.urls import path

from accounts.billing.operator import credit, decisions, payments, plans, usage, vouchers
from accounts.views import operator as people
from gallery.moderation.views import operator as reports
from generation.views import operator as providers
from jobs.views import operator as jobs

app_name = "operator"
urlpatterns = [
    path("", jobs.overview, name="overview"),
    path("jobs/", jobs.waiting, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("jobs/<uuid:pk>/decide/", jobs.decide, name="decide"),
    path("people/", people.people, name="people"),
    path("people/<uuid:pk>/suspend/", people.suspend, name="suspend"),
    path("people/<uuid:pk>/unsuspend/", people.unsuspend, name="unsuspend"),
    path("people/<uuid:pk>/roles/", people.roles, name="roles"),
    path("figures/", usage.figures, name="figures"),
    path("credit/", credit.overview, name="credit"),
    path("credit/limit-all/", credit.limit_all, name="credit_limit_all"),
    path("credit/changes/<uuid:pk>/decide/", decisions.decide, name="credit_decide"),
    path("credit/<uuid:pk>/", credit.workspace, name="credit_workspace"),
    path("credit/<uuid:pk>/change/", credit.change, name="credit_change"),
    path("credit/<uuid:pk>/paid-until/", credit.paid_until, name="credit_paid_until"),
    path("payments/", payments.overview, name="payments"),
    path("payments/vouchers/", vouchers.voucher_list, name="vouchers"),
    path("payments/vouchers/<int:voucher>/cancel/", vouchers.cancel_voucher, name="cancel_voucher"),
    path("payments/events/<int:event>/settle/", payments.settle, name="settle_event"),
    path("payments/workspaces/<uuid:workspace>/allow/", payments.allow, name="allow_paid_work"),
    path("payments/<uuid:pk>/", payments.purchase, name="payment"),
    path("payments/<uuid:pk>/confirm/", payments.confirm, name="payment_confirm"),
    path("payments/<uuid:pk>/settle/", payments.settle_purchase, name="settle_purchase"),
    path("payments/<uuid:pk>/refund/", payments.refund, name="payment_refund"),
    path("reports/", reports.reports, name="reports"),
    path("reports/first-looks/", reports.first_looks, name="first_looks"),
    path("reports/comments/", reports.waiting_comments, name="waiting_comments"),
    path("reports/<uuid:case>/", reports.case, name="case"),
    path("reports/<uuid:case>/decide/", reports.decide_case, name="decide_case"),
    path("reports/appeals/<int:appeal>/", reports.answer_appeal, name="answer_appeal"),
    path("reports/decisions/<int:decision>/undo/", reports.undo_decision, name="undo_decision"),
    path("plans/", plans.list_plans, name="plans"),
    path("plans/<int:number>/", plans.edit_plan, name="plan"),
    path("plans/<int:number>/offer/", plans.offer_plan, name="offer_plan"),
    path("plans/<int:number>/move/", plans.move_holders, name="move_holders"),
    path("providers/", providers.overview, name="providers"),
    path("providers/connections/<uuid:pk>/switch/", providers.switch, name="switch"),
    path("providers/<slug:provider>/<path:model>/", providers.price, name="price"),
]
