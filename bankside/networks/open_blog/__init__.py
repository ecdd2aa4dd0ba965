"""Blogs of one's own that speak an open protocol, Micropub or MetaWeblog: posts with images go out.

The setting `protocol` chooses the translator; both make the same of a post. The wanted last part of its
address is made from the delivery key, and `find` looks for it, or for the same words, among the latest posts.
"""

from __future__ import annotations

import re
from typing import Any

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import Connector, Post, Preview, Receipt, Refused, Self
from bankside.networks.fit import fitted
from bankside.networks.open_blog.metaweblog import MetaWeblog
from bankside.networks.open_blog.micropub import Micropub
from bankside.said import Said, joined

UNWRITABLE = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""XML 1.0, section 2.2, has no way to write these."""


class OpenBlog(Connector):
    """One blog."""

    def can(self, operation: str) -> bool:
        """A blog that was seen to list no posts cannot be looked through."""
        listed: Any = (self.grant.account.get("limits") or {}).get("listed", 1)
        return super().can(operation) and (operation != "find" or bool(listed))

    def locate(self) -> dict[str, str]:
        """Where the interface is, as the blog's first page names it."""
        return {} if self.grant.settings.get("endpoint") else self._blog.locate()

    def whoami(self) -> Self:
        return self._blog.whoami()

    def preview(self, post: Post) -> Preview:
        shown = fitted(_data(), post, self.grant.account)
        if not UNWRITABLE.search(f"{post.title}{post.text}"):
            return shown
        finding = Said("The words hold a character that cannot be written there.")
        return Preview(
            text=shown.text, title=shown.title, counts=shown.counts, findings=(*shown.findings, finding)
        )

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        return self._blog.edit(post, key) if post.replaces else self._blog.publish(post, key)

    def find(self, key: str, post: Post) -> Receipt | None:
        if not self.can("find"):
            raise self._not_offered("find")
        return self._blog.find_edit(post) if post.replaces else self._blog.find(key, post)

    def remove(self, remote_id: str) -> None:
        self._blog.remove(remote_id)

    @property
    def _blog(self) -> Micropub | MetaWeblog:
        if self.grant.settings.get("protocol") == "metaweblog":
            return MetaWeblog(self.grant, self.wire)
        return Micropub(self.grant, self.wire)


CONNECTOR = OpenBlog


def _data() -> NetworkData:
    return network("open_blog")
