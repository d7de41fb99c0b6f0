"""The roles people hold at a centre, by their codes and names."""

from enum import StrEnum

from terms.words import N_


class Role(StrEnum):
    """The work somebody does at a centre."""

    COORDINATOR = "coordinator"
    WARD_NURSE = "ward_nurse"
    APHERESIS_NURSE = "apheresis_nurse"
    HAEMATOLOGIST = "haematologist"
    PHARMACIST = "pharmacist"
    CELL_LAB = "cell_lab"
    DATA_MANAGER = "data_manager"
    QUALITY = "quality"
    CENTRE_ADMIN = "centre_admin"


ROLE_NAMES: dict[str, str] = {
    Role.COORDINATOR: N_("CAR-T coordinator"),
    Role.WARD_NURSE: N_("Ward nurse"),
    Role.APHERESIS_NURSE: N_("Apheresis nurse"),
    Role.HAEMATOLOGIST: N_("Haematologist"),
    Role.PHARMACIST: N_("Pharmacist"),
    Role.CELL_LAB: N_("Cell laboratory"),
    Role.DATA_MANAGER: N_("Data manager"),
    Role.QUALITY: N_("Quality"),
    Role.CENTRE_ADMIN: N_("Centre administrator"),
}
