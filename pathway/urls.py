"""Addresses of the moves and of referral."""

from django.urls import path

from pathway import (
    correction_views,
    custody_views,
    din_views,
    dose_views,
    gate_views,
    identity_views,
    label_views,
    paper_views,
    referral_views,
    repin_views,
    review_views,
    transcription_views,
    views,
    withdrawal_views,
)

urlpatterns = [
    path("calculators/isbt-din/", din_views.isbt_din, name="isbt_din"),
    path("patients/new/", referral_views.patient_new, name="patient_new"),
    path("patients/transcribe/", transcription_views.transcribe_patient, name="transcribe"),
    path(
        "patients/<int:pk>/courses/transcribe/",
        transcription_views.transcribe_course,
        name="transcribe_course",
    ),
    path("courses/import/", transcription_views.courses_import, name="courses_import"),
    path(
        "courses/import/template.csv", transcription_views.courses_template, name="courses_template"
    ),
    path("patients/<int:pk>/courses/new/", referral_views.course_new, name="course_new"),
    path("courses/<int:pk>/protocol/", repin_views.course_protocol, name="course_protocol"),
    path("protocols/<int:pk>/courses/", repin_views.protocol_courses, name="protocol_courses"),
    path("courses/<int:pk>/moves/<slug:target>/", views.move, name="move"),
    path(
        "courses/<int:pk>/changes/<int:place>/correct/",
        correction_views.change_correct,
        name="change_correct",
    ),
    path(
        "courses/<int:pk>/withdrawal/",
        withdrawal_views.withdrawal_scope,
        name="withdrawal_scope",
    ),
    path(
        "courses/<int:pk>/<slug:machine>/<int:companion>/papers/",
        paper_views.papers,
        name="papers",
    ),
    path(
        "courses/<int:pk>/<slug:machine>/<int:companion>/papers/<slug:kind>/new/",
        paper_views.paper_new,
        name="paper_new",
    ),
    path("courses/<int:pk>/product/<int:companion>/sign/", paper_views.oos_sign, name="oos_sign"),
    path("courses/<int:pk>/<slug:machine>/<int:companion>/doses/", dose_views.doses, name="doses"),
    path(
        "courses/<int:pk>/<slug:machine>/<int:companion>/doses/new/",
        dose_views.dose_new,
        name="dose_new",
    ),
    path("courses/<int:pk>/doses/<int:dose>/<slug:deed>/", dose_views.dose_deed, name="dose_deed"),
    path(
        "courses/<int:pk>/product/<int:product>/checks/<slug:kind>/new/",
        identity_views.identity_check_new,
        name="identity_check_new",
    ),
    path(
        "courses/<int:pk>/checks/<int:check>/", identity_views.identity_check, name="identity_check"
    ),
    path(
        "courses/<int:pk>/checks/<int:check>/deviation/",
        identity_views.identity_deviation,
        name="identity_deviation",
    ),
    path(
        "courses/<int:pk>/product/<int:companion>/custody/",
        custody_views.custody,
        name="custody",
    ),
    path(
        "courses/<int:pk>/product/<int:companion>/custody/<slug:act>/new/",
        custody_views.custody_new,
        name="custody_new",
    ),
    path(
        "courses/<int:pk>/custody/<int:entry>/witness/",
        custody_views.custody_witness,
        name="custody_witness",
    ),
    path(
        "courses/<int:pk>/custody/<int:entry>/deviation/",
        custody_views.custody_deviation,
        name="custody_deviation",
    ),
    path(
        "courses/<int:pk>/<slug:machine>/<int:companion>/labels/",
        label_views.labels,
        name="labels",
    ),
    path(
        "courses/<int:pk>/<slug:machine>/<int:companion>/labels/<slug:name>/new/",
        label_views.label_new,
        name="label_new",
    ),
    path(
        "courses/<int:pk>/labels/<int:entry>/confirm/",
        label_views.label_confirm,
        name="label_confirm",
    ),
    path("courses/<int:pk>/eligibility/", review_views.review, name="review"),
    path(
        "courses/<int:pk>/eligibility/results/new/",
        review_views.review_results,
        name="review_results",
    ),
    path("courses/<int:pk>/eligibility/steps/new/", review_views.review_steps, name="review_steps"),
    path(
        "courses/<int:pk>/eligibility/items/<slug:item>/waive/",
        review_views.review_waive,
        name="review_waive",
    ),
    path(
        "courses/<int:pk>/eligibility/items/<slug:item>/correct/",
        review_views.review_correct,
        name="review_correct",
    ),
    path(
        "courses/<int:pk>/eligibility/items/<slug:item>/take-back/",
        review_views.review_take_back,
        name="review_take_back",
    ),
    path(
        "courses/<int:pk>/eligibility/meetings/new/", review_views.meeting_new, name="meeting_new"
    ),
    path(
        "courses/<int:pk>/eligibility/meetings/<int:meeting>/sign/",
        review_views.meeting_sign,
        name="meeting_sign",
    ),
    path("courses/<int:pk>/gates/<slug:gate>/", gate_views.gate, name="gate"),
    path("courses/<int:pk>/gates/<slug:gate>/record/", gate_views.gate_record, name="gate_record"),
    path(
        "courses/<int:pk>/gates/<slug:gate>/checks/<slug:check>/waive/",
        gate_views.gate_waive,
        name="gate_waive",
    ),
    path(
        "courses/<int:pk>/gates/<slug:gate>/checks/<slug:check>/correct/",
        gate_views.gate_correct,
        name="gate_correct",
    ),
    path(
        "courses/<int:pk>/gates/<slug:gate>/checks/<slug:check>/take-back/",
        gate_views.gate_take_back,
        name="gate_take_back",
    ),
    path("courses/<int:pk>/<slug:machine>/new/", views.companion_new, name="companion_new"),
    path(
        "courses/<int:pk>/<slug:machine>/<int:companion>/moves/<slug:target>/",
        views.companion_move,
        name="companion_move",
    ),
]
