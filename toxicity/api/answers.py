"""What each calculator answers, as the schema describes it."""

from typing import Any

from rest_framework import serializers


class DriverOut(serializers.Serializer[Any]):
    """An axis that gave the grade."""

    code = serializers.CharField()
    grade = serializers.IntegerField()


class WarningOut(serializers.Serializer[Any]):
    """Something to know beside the grade."""

    code = serializers.CharField(help_text="Stable; never translated.")
    message = serializers.CharField(help_text="In the language of the request.")


class GradingOut(serializers.Serializer[Any]):
    """A grade: 0 is assessed and absent, null is not assessable."""

    grade = serializers.IntegerField(allow_null=True)
    status = serializers.CharField(help_text="`final`, `provisional` or `not_gradeable`.")
    drivers = DriverOut(many=True)
    warnings = WarningOut(many=True)
    rule_version = serializers.CharField()


class IecHsOut(GradingOut):
    """The screen beside the grade."""

    screen = serializers.ChoiceField(
        choices=["suspected", "not_met", "not_iechs", "not_assessable"]
    )
    limbs = serializers.ListField(child=serializers.CharField())


class CountedOut(serializers.Serializer[Any]):
    """Days at or below 500 and 100, counted one way."""

    days_500 = serializers.IntegerField()
    days_100 = serializers.IntegerField()
    grade = serializers.IntegerField(allow_null=True)


class EarlyOut(serializers.Serializer[Any]):
    """Early ICAHT both ways."""

    longest = CountedOut()
    cumulative = CountedOut()
    status = serializers.CharField()


class IcahtOut(GradingOut):
    """Early and late ICAHT; the grade is the early one."""

    early = EarlyOut()
    late = GradingOut()


class TIcahtOut(GradingOut):
    """Early and late T-ICAHT; the grade is the early one."""

    early = GradingOut()
    late = GradingOut()


class HematotoxOut(GradingOut):
    """A score, which is no grade."""

    score = serializers.IntegerField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    minimum = serializers.IntegerField()
    maximum = serializers.IntegerField()


class EasixOut(GradingOut):
    """Three indices, which are no grades."""

    easix = serializers.FloatField(allow_null=True)
    s_easix = serializers.FloatField(allow_null=True)
    m_easix = serializers.FloatField(allow_null=True)


class BCellsOut(GradingOut):
    """A span of time; `ongoing` is censored at `seen_until`."""

    start = serializers.DateField(allow_null=True)
    end = serializers.DateField(allow_null=True)
    ongoing = serializers.BooleanField()
    seen_until = serializers.DateField(allow_null=True)
