"""A course as a bundle of HL7 FHIR R4: plain values in, dictionaries out."""
