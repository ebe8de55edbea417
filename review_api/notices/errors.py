"""What can be wrong with how notices are to leave, found out at the start.

NoticeError
├── BadTemplateError    a template cannot be read, or wants what no notice has
├── BadWebhookError     the address or a secret of the webhook cannot be used
└── BadMailServerError  the address of the mail server, or the sender, cannot be used
"""

from __future__ import annotations


class NoticeError(Exception):
    """Any error of how notices leave; its sentence names the file or the setting."""


class BadTemplateError(NoticeError):
    pass


class BadWebhookError(NoticeError):
    pass


class BadMailServerError(NoticeError):
    pass
