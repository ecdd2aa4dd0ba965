"""Every address of the desk. Addresses are nouns; what is done with them is in the verb of the request."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

from bankside.web import hooks, logs
from bankside.web.member import card, home, links, offers, profile, scan, settings, shell, spending, visits
from bankside.web.respondent import views as respondent
from bankside.web.staff import (
    approvals,
    by_hand,
    card_offers,
    card_spending,
    channels,
    connect_return,
    errors,
    evidence,
    frame,
    inbox,
    keeping,
    measure_reports,
    measures,
    media,
    members,
    packages,
    people,
    programmes,
    publish,
    readings,
    record,
    record_files,
    record_search,
    record_versions,
    recovery,
    reviews,
    search,
    sign_in,
    studies,
    studio,
    study_reports,
)


class _WhenAsked(URLResolver):
    """Addresses that are imported when somebody first asks for one: those of the API take a second."""

    def _populate(self) -> None:
        """Their names stand in a namespace; whoever looks for a name of a page need not know them."""


ACCOUNT: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("language/", sign_in.language, name="language"),
    path("account/", sign_in.account, name="account"),
    path("rail/", frame.rail, name="rail"),
    path("more/", sign_in.more, name="more"),
    path("account/two-factor/", include("allauth.mfa.urls")),
]

PUBLISH: list[URLPattern | URLResolver] = [
    path("posts/", publish.posts, name="posts"),
    path("posts/new/", publish.post_new, name="post-new"),
    path("posts/<str:number>/", publish.post, name="post"),
    path("posts/<str:number>/draft/", publish.post_draft, name="post-draft"),
    path("posts/<str:number>/preview/", publish.post_preview, name="post-preview"),
    path("posts/<str:number>/submission/", publish.post_submission, name="post-submission"),
    path("posts/<str:number>/approval/", approvals.post_approval, name="post-approval"),
    path("posts/<str:number>/return/", approvals.post_return, name="post-return"),
    path("posts/<str:number>/schedule/", publish.post_schedule, name="post-schedule"),
    path("posts/<str:number>/withdrawal/", publish.post_withdrawal, name="post-withdrawal"),
    path("posts/<str:number>/removal/", publish.post_discard, name="post-discard"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("media/<str:token>", media.media_file, name="media"),
]

NETWORKS: list[URLPattern | URLResolver] = [
    path("channels/", channels.channels, name="channels"),
    path("channels/queue/", channels.queue, name="queue"),
    path("channels/new/", channels.channel_new, name="channel-new"),
    path("channels/new/<slug:network>/", channels.channel_add, name="channel-add"),
    path("channels/new/<slug:network>/sign-in/", connect_return.sign_in_new, name="channel-sign-in-new"),
    path("channels/return/", connect_return.come_back, name="channel-return"),
    path("channels/<str:number>/", channels.channel, name="channel"),
    path("channels/<str:number>/sign-in/", connect_return.sign_in_again, name="channel-sign-in"),
    path("channels/<str:number>/check/", channels.channel_check, name="channel-check"),
    path("channels/<str:number>/grant/", channels.channel_grant, name="channel-grant"),
    path("channels/<str:number>/pause/", channels.channel_pause, name="channel-pause"),
    path("channels/<str:number>/resumption/", channels.channel_resumption, name="channel-resumption"),
    path("channels/<str:number>/removal/", channels.channel_removal, name="channel-removal"),
    path("deliveries/<str:number>/decision/", channels.delivery_decision, name="delivery-decision"),
    path("deliveries/<str:number>/by-hand/", by_hand.delivery_by_hand, name="delivery-by-hand"),
    path("freeze/", channels.frozen, name="freeze"),
    path("recovery/", recovery.recovery, name="recovery"),
]

KEEPING: list[URLPattern | URLResolver] = [
    path("record/keeping/", keeping.record_keeping, name="record-keeping"),
    path("record/keeping/erasures/", keeping.erasure_wish, name="erasure-wish"),
    path("record/keeping/erasures/<str:obj>/agreement/", keeping.erasure_agreement, name="erasure-agreement"),
    path("record/keeping/erasures/<str:obj>/refusal/", keeping.erasure_refusal, name="erasure-refusal"),
    path("record/keeping/holds/", keeping.hold, name="hold"),
    path("record/keeping/holds/<str:obj>/release/", keeping.hold_release, name="hold-release"),
    path("record/keeping/restrictions/", keeping.restriction, name="restriction"),
    path("record/keeping/restrictions/lifting/", keeping.restriction_lifting, name="restriction-lifting"),
    path("record/keeping/restrictions/agreement/", keeping.restriction_end, name="restriction-end"),
]
RECORD: list[URLPattern | URLResolver] = [
    path("record/", record.record, name="record"),
    path("record/evidence/", evidence.record_evidence, name="record-evidence"),
    path("record/<int:n>/", record.record_entry, name="record-entry"),
    path("record/<int:n>/words/", record.record_words, name="record-words"),
    path("record/<int:n>/versions/", record_versions.record_versions, name="record-versions"),
    path("record/<int:n>/files/<slug:name>", record_files.record_proof, name="record-proof"),
    path("record/files/<str:name>", record_files.record_tool, name="record-tool"),
    path("record/search/", record_search.record_search, name="record-search"),
    path("record/packages/", packages.record_packages, name="record-packages"),
    path("record/packages/new/", packages.record_packages_new, name="record-packages-new"),
    path("record/packages/<str:obj>/", packages.record_package, name="record-package"),
    path("record/packages/<str:obj>/file/", packages.record_package_file, name="record-package-file"),
    path("record/readings/", readings.record_readings, name="record-readings"),
    path("record/readings/review/", readings.readings_review, name="readings-review"),
    path("record/readings/file/", readings.readings_export, name="readings-export"),
]

PEOPLE: list[URLPattern | URLResolver] = [
    path("people/", people.people, name="people"),
    path("people/new/", people.staff_new, name="staff-new"),
    path("people/<slug:uid>/", people.person, name="staff"),
    path("people/<slug:uid>/roles/", people.staff_roles, name="staff-roles"),
    path("people/<slug:uid>/leaving/", people.staff_leaving, name="staff-leaving"),
]

CARD: list[URLPattern | URLResolver] = [
    path("programmes/", programmes.programme_list, name="programmes"),
    path("programmes/new/", programmes.programme_new, name="programme-new"),
    path("programmes/meaning/", programmes.programme_meaning, name="programme-meaning"),
    path("programmes/<str:obj>/", programmes.programme, name="programme"),
    path("programmes/<str:obj>/draft/", programmes.programme_draft, name="programme-draft"),
    path("programmes/<str:obj>/approval/", programmes.programme_approval, name="programme-approval"),
    path("programmes/<str:obj>/return/", programmes.programme_return, name="programme-return"),
    path("programmes/<str:obj>/retirement/", programmes.programme_retirement, name="programme-retirement"),
    path("programmes/<str:obj>/dry-run/", programmes.programme_dry_run, name="programme-dry-run"),
    path("offers/", card_offers.offers, name="card-offers"),
    path("liability/", card_offers.liability, name="liability"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<str:obj>/", reviews.review_one, name="review"),
    path("reviews/<str:obj>/release/", reviews.review_release, name="review-release"),
    path("reviews/<str:obj>/proposal/", reviews.review_proposal, name="review-proposal"),
    path("reviews/<str:obj>/reversal/", reviews.review_reversal, name="review-reversal"),
    path("reviews/<str:obj>/restoring/", reviews.review_restoring, name="review-restoring"),
    path("reviews/<str:obj>/restoration/", reviews.review_restoration, name="review-restoration"),
    path("members/<str:obj>/reviews/", reviews.review_new, name="review-new"),
    path("appeals/<str:obj>/answer/", reviews.appeal_answer, name="appeal-answer"),
    path("spending/", card_spending.spending, name="spending"),
    path("spending/files/", card_spending.spending_make, name="spending-make"),
    path("spending/files/<str:obj>/", card_spending.spending_file, name="spending-file"),
    path("spending/values/", card_spending.spending_values, name="spending-values"),
    path("spending/codes/", card_spending.spending_codes, name="spending-codes"),
    path("studio/", studio.studio, name="studio"),
    path("studio/proof/", studio.studio_proof, name="studio-proof"),
    path("studio/order/", studio.studio_order, name="studio-order"),
    path("studio/orders/", studio.card_orders, name="card-orders"),
    path("studio/orders/<str:obj>/", studio.card_order_one, name="card-order"),
    path("studio/orders/<str:obj>/file/", studio.card_order_file, name="card-order-file"),
    path("studio/<str:obj>/picture/<slug:side>/", studio.studio_card, name="studio-card"),
    path("studio/<str:obj>/decision/", studio.studio_decision, name="studio-decision"),
    path("members/", members.member_list, name="members"),
    path("members/<str:obj>/", members.member_one, name="member"),
    path("members/<str:obj>/spending/", members.member_spending, name="member-spending"),
    path("members/<str:obj>/pause/", members.member_pause, name="member-pausing"),
    path("members/<str:obj>/details/", members.member_details, name="member-details"),
    path("cards/<str:obj>/activation/", members.card_activation, name="card-activation"),
    path("cards/<str:obj>/end/", members.card_end, name="card-end"),
]

INBOX: list[URLPattern | URLResolver] = [
    path("", inbox.inbox, name="home"),
    path("conversations/", inbox.inbox, name="conversations"),
    path("conversations/<str:number>/", inbox.conversation, name="conversation"),
    path("conversations/<int:number>/assignment/", inbox.assignment, name="assignment"),
    path("conversations/<int:number>/closure/", inbox.closure, name="closure"),
    path("conversations/<int:number>/notes/", inbox.notes, name="notes"),
    path("conversations/<int:number>/replies/", inbox.answers, name="replies"),
    path("conversations/<int:number>/showing/", inbox.showing, name="showing"),
    path("conversations/<int:number>/preview/", inbox.preview, name="preview"),
    path("conversations/<int:number>/pictures/<str:obj>/", media.shown_picture, name="shown-picture"),
    path("replies/<str:obj>/approval/", inbox.reply_approval, name="reply-approval"),
    path("replies/<str:obj>/withdrawal/", inbox.reply_withdrawal, name="reply-withdrawal"),
]

SEARCH: list[URLPattern | URLResolver] = [
    path("search/", search.search, name="search"),
]
MEASURES: list[URLPattern | URLResolver] = [
    path("measures/", measures.measures, name="measures"),
    path("measures/entries/", measures.measures_entries, name="measures-entries"),
    path("measures/unusual/", measures.measures_unusual, name="measures-unusual"),
    path("measures/definitions/", measures.measures_definitions, name="measures-definitions"),
    path("measures/definitions/<slug:kind>/", measures.measures_rule, name="measures-rule"),
    path("measures/figures.csv", measures.measures_csv, name="measures-csv"),
    path("measures/rows/<slug:kind>/", measures.measures_rows, name="measures-rows"),
    path("measures/report/", measure_reports.measures_report, name="measures-report"),
    path("measures/mail/", measure_reports.measures_mail, name="measures-mail"),
    path("measures/mail/new/", measure_reports.measures_mail_new, name="measures-mail-new"),
    path("measures/mail/<str:obj>/end/", measure_reports.measures_mail_end, name="measures-mail-end"),
]

STUDIES: list[URLPattern | URLResolver] = [
    path("studies/", studies.study_list, name="studies"),
    path("studies/new/", studies.study_new, name="study-new"),
    path("studies/meaning/", studies.study_meaning, name="study-meaning"),
    path("studies/observation/", study_reports.study_observation, name="study-observation"),
    path("studies/looking/", study_reports.study_looking_new, name="study-looking-new"),
    path("studies/looking/<str:obj>/", study_reports.study_looking_one, name="study-looking"),
    path("studies/<str:obj>/", studies.study, name="study"),
    path("studies/<str:obj>/text/", studies.study_text, name="study-text"),
    path("studies/<str:obj>/settings/", studies.study_set_up, name="study-set-up"),
    path("studies/<str:obj>/opening/", studies.study_opening, name="study-opening"),
    path("studies/<str:obj>/closing/", studies.study_closing, name="study-closing"),
    path("studies/<str:obj>/letters/", studies.study_letters, name="study-letters"),
    path("studies/<str:obj>/institutions/", studies.study_institutions, name="study-institutions"),
    path("studies/<str:obj>/institutions/<str:one>/", studies.study_institution, name="study-institution"),
    path("studies/<str:obj>/institutions/<str:one>/renewal/", studies.study_renewal, name="study-renewal"),
    path("studies/<str:obj>/institutions/<str:one>/end/", studies.study_revocation, name="study-revocation"),
    path("studies/<str:obj>/responses/", study_reports.study_responses, name="study-responses"),
    path("studies/<str:obj>/report/", study_reports.study_report, name="study-report"),
    path("studies/<str:obj>/beside/", study_reports.study_beside, name="study-beside"),
    path("studies/<str:obj>/publication/", study_reports.study_publication, name="study-publication"),
    path("studies/<str:obj>/files/<str:name>", study_reports.study_file, name="study-file"),
]
# A questionnaire, for whoever has the link of an institution (web/respondent): no account, no cookie.
RESPONDENT: list[URLPattern | URLResolver] = [
    path("s/<str:token>/", respondent.start, name="respondent"),
    path("s/<str:token>/<int:number>/", respondent.questions, name="respondent-questions"),
    path("s/<str:token>/review/", respondent.review, name="respondent-review"),
    path("s/<str:token>/finish/", respondent.finish, name="respondent-finish"),
    path("s/<str:token>/reopening/", respondent.reopen, name="respondent-reopening"),
    path("s/<str:token>/language/", respondent.language, name="respondent-language"),
    path("s/<str:token>/report/", respondent.report, name="respondent-report"),
    path("s/<path:rest>", respondent.nowhere, name="respondent-nowhere"),
    path("s/", respondent.nowhere),
]
# The member's own pages, on her phone: never signed in as staff are (web/member).
MEMBER: list[URLPattern | URLResolver] = [
    path("m/", home.home, name="member-home"),
    path("m/notices/<str:obj>/dismissal/", home.put_away, name="member-notice-dismissal"),
    path("m/visit/<str:ticket>/", visits.come_in, name="member-visit"),
    path("m/sign-out/", visits.go_out, name="member-sign-out"),
    path("m/activity/<path:source>/appeal/", home.looks_wrong, name="member-appeal"),
    path("m/activity/<path:source>/", home.why, name="member-why"),
    path("m/card/", card.card, name="member-card"),
    path("m/card/picture/<slug:side>/", card.picture, name="member-card-picture"),
    path("m/card/points.pkpass", card.apple_pass, name="member-apple-pass"),
    path("m/card/google-wallet/", card.google_pass, name="member-google-pass"),
    path("m/profile/", profile.profile, name="member-profile"),
    path("m/profile/switch/", profile.switch, name="member-switch"),
    path("m/links/", links.links, name="member-links"),
    path("m/links/return/", links.come_back, name="member-link-return"),
    path("m/links/proofs/<str:state>/", links.link_proof, name="member-link-proof"),
    path("m/links/new/<slug:network>/", links.link_new, name="member-link-new"),
    path("m/links/<str:obj>/removal/", profile.unlink, name="member-unlink"),
    path("m/offers/", offers.offers, name="member-offers"),
    path("m/offers/scan/", scan.scan, name="member-scan"),
    path("m/offers/<str:number>/addition/", offers.addition, name="member-offer-addition"),
    path("m/offers/<str:number>/removal/", offers.removal, name="member-offer-removal"),
    path("m/spend/", spending.spend, name="member-spend"),
    path("m/spend/<str:obj>/return/", spending.spend_return, name="member-spend-return"),
    path("m/settings/", settings.settings, name="member-settings"),
    path("m/settings/consents/", settings.consents, name="member-consents"),
    path("m/settings/interests/", settings.interests, name="member-interests"),
    path("m/settings/pause/", settings.pause, name="member-pause"),
    path("m/settings/leaving/", settings.leaving, name="member-leaving"),
    path("m/offline/", shell.offline, name="member-offline"),
    path("m/manifest.webmanifest", shell.manifest, name="member-manifest"),
    path("m/worker.js", shell.worker, name="member-worker"),
    path("m/p/<str:token>/", shell.proof, name="member-proof"),
    path("c/<str:code>", shell.short, name="member-code"),
    path("c/<str:code>/", shell.short),
]

MACHINES: list[URLPattern | URLResolver] = [
    _WhenAsked(RoutePattern("api/"), "bankside.web.api.routes", app_name="api", namespace="api"),
    path("hooks/<str:token>", hooks.hook, name="hook"),
    path("log/<str:lane>/<str:year>/<path:path>", logs.log_file, name="log-file"),
    path("channels/client/<slug:network>.json", connect_return.client_metadata, name="client-metadata"),
    path("health", hooks.health, name="health"),
    path("metrics", hooks.metrics, name="metrics"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *MACHINES,
    *INBOX,
    *SEARCH,
    *ACCOUNT,
    *PUBLISH,
    *NETWORKS,
    *KEEPING,
    *RECORD,
    *PEOPLE,
    *CARD,
    *MEASURES,
    *STUDIES,
    *RESPONDENT,
    *MEMBER,
]

handler400 = errors.misunderstood
handler403 = errors.refused
handler404 = errors.not_found
handler500 = errors.broken
