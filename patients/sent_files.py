"""A file that is sent to a page, or was and is kept on it until somebody says go on."""

import base64
import binascii

from django.core.files.uploadedfile import UploadedFile

from accounts.requests import SignedInRequest


def sent_content(request: SignedInRequest, largest: int) -> bytes:
    """The file that is sent, read a byte further than it may be; else the one kept on the page."""
    sent = request.FILES.get("file")
    if isinstance(sent, UploadedFile):
        return bytes(sent.read(largest + 1))
    try:
        return base64.b64decode(request.POST.get("kept", ""), validate=True)
    except (binascii.Error, ValueError):
        return b""


def kept_on_page(content: bytes) -> str:
    """The file as a hidden field holds it."""
    return base64.b64encode(content).decode()
