"""Addresses of sign-in, users and roles, under /accounts/.

Of allauth only what is used: nobody signs up, and a lost password is the administrator's to set.
"""

from allauth.account import views as allauth_views
from django.urls import path

from accounts import views
from accounts.held_forms import held_form

urlpatterns = [
    path("login/", allauth_views.login, name="account_login"),
    path("login/again/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("password/", allauth_views.password_change, name="account_change_password"),
    path("held/", held_form, name="held_form"),
    path("centre/", views.switch_centre, name="switch_centre"),
    path("permissions/", views.permissions_table, name="permissions_table"),
    path("users/", views.user_list, name="user_list"),
    path("users/new/", views.user_new, name="user_new"),
    path("users/<int:pk>/", views.user, name="user"),
    path("users/<int:pk>/roles/", views.user_role_grant, name="user_role_grant"),
    path("users/roles/<int:pk>/end/", views.user_role_end, name="user_role_end"),
    path("users/<int:pk>/deactivate/", views.user_deactivate, name="user_deactivate"),
    path("users/<int:pk>/reactivate/", views.user_reactivate, name="user_reactivate"),
    path("users/<int:pk>/password/", views.user_password, name="user_password"),
]
