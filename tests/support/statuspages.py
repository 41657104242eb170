"""Status pages in the form in which each platform was recorded (2026-07 to 2026-09), shortened; and an entry of each
feed. One document a platform and format of the catalogue: DOCUMENTS.
"""

import json
from typing import Any

STATUSPAGE = {   # status.claude.com, 2026-07
    "page": {"id": "tymt9n04zgry", "name": "Claude", "updated_at": "2026-07-29T20:24:35.022Z"},
    "status": {"indicator": "critical", "description": "Major Service Outage"},
    "components": [{"id": "k8w3", "name": "Claude API (api.anthropic.com)", "status": "major_outage", "group": False}],
    "scheduled_maintenances": [{"id": "m1", "name": "Planned work", "status": "scheduled"}],
    "incidents": [
        {"id": "q2kg8n613kr3", "name": "Elevated errors across all models", "status": "investigating",
         "created_at": "2026-07-29T19:49:45.388Z", "updated_at": "2026-07-29T19:49:45.540Z", "resolved_at": None,
         "impact": "critical", "incident_updates": [{"status": "investigating", "body": "We are looking."}]},
        {"id": "old", "name": "Slow answers", "status": "resolved", "updated_at": "2026-07-28T10:00:00Z"},
        {"id": "older", "name": "Told afterwards", "status": "postmortem", "updated_at": "2026-07-27T10:00:00Z"}],
}
INCIDENT_IO = {   # status.openai.com, 2026-07: every component green, and yet
    "page": {"id": "01JMDK9XYNY6RXSED6SDWW50WY", "name": "OpenAI", "url": "https://status.openai.com/"},
    "status": {"description": "Partial System Degradation", "indicator": "minor"},
    "components": [{"id": "01JM", "name": "Embeddings", "status": "operational", "position": 10}],
}
CHECKLY = {"incidents": [   # status.mistral.ai, 2026-07
    {"id": "b3e1006c", "name": "Audio API Degraded", "severity": "MEDIUM", "duration": 0,
     "created_at": "2026-07-27T14:32:53.607Z", "updated_at": "2026-07-27T14:32:53.632Z",
     "lastUpdateStatus": "INVESTIGATING", "services": [{"id": "d8e1e02e", "name": "Audio API"}],
     "incidentUpdates": [{"id": "1013e42b", "status": "INVESTIGATING", "description": "We look."}]},
    {"id": "b3e1006d", "name": "Chat slow", "severity": "MINOR", "lastUpdateStatus": "RESOLVED"}]}
DATADOG = {   # status.openrouter.ai/config.json, 2026-09
    "id": "3bdfe680", "name": "OpenRouter", "pageUrl": "https://openrouter.statuspage.datadoghq.com",
    "components": [
        {"id": "g1", "name": "API - Gateway", "type": "ComponentGroup", "components": [
            {"id": "c-chat", "name": "Chat (/api/v1/chat/completions)", "status": "operational", "type": "Component"},
            {"id": "c-video", "name": "Video (/api/v1/videos)", "status": "operational", "type": "Component"}]},
        {"id": "c-web", "name": "Web & Application Services", "status": "operational", "type": "Component"}],
    "incidents": [
        {"id": "open-1", "title": "Elevated errors on chat completions", "currentStatus": "identified",
         "resolved": False, "publishedDate": "2026-09-13T20:00:00Z", "lastModifiedAt": "2026-09-13T20:30:00Z"},
        {"id": "2a3d", "title": "Degraded video generation API", "currentStatus": "resolved", "resolved": True,
         "publishedDate": "2026-09-04T18:27:00Z", "resolvedDate": "2026-09-04T21:12:00Z",
         "lastModifiedAt": "2026-09-11T02:34:01.430225Z"}],
    "maintenances": None,
}
INSTATUS = {   # status.perplexity.com/summary.json, 2026-07
    "page": {"name": "Perplexity", "url": "https://status.perplexity.com", "status": "ONEMAJOROUTAGE"},
    "activeIncidents": [{"id": "cmrx", "name": "Sandbox issues", "started": "2026-07-23T17:48:28.028Z",
                         "status": "MONITORING", "impact": "MAJOROUTAGE", "updatedAt": "2026-07-23T17:50:11.838Z"}],
}


def report(key: str, title: str, state: str, ends: str | None = None, kind: str = "manual") -> dict[str, Any]:
    return {"id": key, "type": "status_report", "attributes": {
        "title": title, "report_type": kind, "starts_at": "2026-07-16T08:30:00.000Z", "ends_at": ends,
        "aggregate_state": state}}


def resource(key: str, name: str, state: str) -> dict[str, Any]:
    return {"id": key, "type": "status_page_resource", "attributes": {
        "public_name": name, "status": state, "availability": 0.99,
        "status_history": [{"day": "2026-04-21", "status": "downtime", "downtime_duration": 60}]}}


BETTER_STACK = {   # status.huggingface.co/index.json, 2026-07
    "data": {"id": "124692", "type": "status_page", "attributes": {"aggregate_state": "downtime"}},
    "included": [
        {"id": "3589", "type": "status_page_section", "attributes": {"name": "Current status by service"}},
        resource("84641", "Huggingface Hub", "operational"), resource("8810143", "Spaces Proxy", "downtime"),
        resource("8", "Jobs", "not_monitored"),
        {"id": "5218738", "type": "status_update", "attributes": {"message": "We are experiencing slowness."}},
        report("965810", "Hub unavailable", "downtime"), report("965809", "Slow in Asia", "resolved"),
        report("939240", "Ended", "degraded", "2026-07-16T10:00:00.000Z"),
        report("961899", "Scheduled maintenance: Endpoints", "maintenance", kind="maintenance")],
}
GOOGLE = [   # status.cloud.google.com/incidents.json
    {"id": "wv1", "number": "1", "begin": "2026-06-07T09:00:00+00:00", "end": "", "severity": "high",
     "external_desc": "Increased latency", "modified": "2026-06-07T10:00:00+00:00",
     "affected_products": [{"title": "Vertex Gemini API", "id": "Z0FZJAMvEB4j3NbCJs6B"}],
     "currently_affected_locations": [{"title": "Iowa (us-central1)", "id": "us-central1"}]},
    {"id": "wv2", "begin": "2026-06-01T00:00:00+00:00", "end": "2026-06-01T02:00:00+00:00",
     "external_desc": "BigQuery errors", "affected_products": [{"title": "BigQuery"}]}]
AWS = [   # health.aws.amazon.com/public/currentevents, sent as UTF-16
    {"date": "1772369485", "arn": "arn:aws:health:me-central-1::event/MULTIPLE_SERVICES/5E6B8", "region_name": "UAE",
     "status": "3", "service": "multipleservices-me-central-1", "service_name": "Multiple services",
     "summary": "Increased Error Rates", "event_log": [
         {"summary": "Increased Error Rates", "message": "We look.", "status": 1, "timestamp": 1772369485},
         {"summary": "Increased Error Rates", "message": "Still.", "status": 3, "timestamp": 1772373085}]},
    {"date": "1772369485", "arn": "arn:aws:health:us-east-1::event/BEDROCK/1", "status": "0",
     "service": "bedrock-us-east-1", "service_name": "Amazon Bedrock", "summary": "Well again", "event_log": []}]


def rss(link: str, *items: str, title: str = "Status") -> str:
    """An RSS channel whose home page is `link`."""
    return (f'<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0"><channel><title>{title}</title>'
            f"<link>{link}</link><description>d</description>{''.join(items)}</channel></rss>")


def atom(link: str, *entries: str) -> str:
    """An Atom feed whose home page is `link`."""
    return (f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>s</title>'
            f'<link rel="alternate" type="text/html" href="{link}"/>{"".join(entries)}</feed>')


def item(title: str, text: str, link: str, guid: str, when: str = "Tue, 24 Nov 2026 10:15:00 +0000",
         tags: tuple[str, ...] = ()) -> str:
    """An RSS item."""
    labels = "".join(f"<category>{tag}</category>" for tag in tags)
    return (f"<item><title>{title}</title><description><![CDATA[{text}]]></description><link>{link}</link>"
            f'<guid isPermaLink="false">{guid}</guid><pubDate>{when}</pubDate>{labels}</item>')


def entry(title: str, text: str, link: str, key: str, when: str = "2026-11-24T10:15:00Z") -> str:
    """An Atom entry."""
    return (f'<entry><id>{key}</id><published>{when}</published><updated>{when}</updated>'
            f'<link rel="alternate" type="text/html" href="{link}"/><title>{title}</title>'
            f'<content type="html"><![CDATA[{text}]]></content></entry>')


def said(*updates: tuple[str, str]) -> str:
    """Statuspage's content: the newest update on top."""
    return "".join(f"<p><small>Nov <var data-var='date'>24</var>, 10:15 UTC</small><br><strong>{state}</strong> - "
                   f"{words}</p>" for state, words in updates)


LOOKING, DONE = ("Investigating", "We are looking into it."), ("Resolved", "This incident has been resolved.")
CLAUDE, OPENAI, GCP = "https://status.claude.com", "https://status.openai.com", "https://status.cloud.google.com"
STATUSPAGE_ATOM = atom(
    CLAUDE + "/", entry("Elevated errors", said(LOOKING), CLAUDE + "/incidents/q2k", "tag:status.claude.com,2005:1"),
    entry("Slow answers", said(DONE, LOOKING), CLAUDE + "/incidents/x9", "tag:status.claude.com,2005:2"),
    entry("Database work", "<p>THIS IS A SCHEDULED EVENT Nov 24</p>" + said(("In progress", "Expect a disruption.")),
          CLAUDE + "/incidents/m1", "tag:status.claude.com,2005:3"))
INCIDENT_IO_RSS = rss(
    OPENAI, item("Elevated errors", "<b>Status: Identified</b><br/><br/>A fix is coming.<br/><ul><li>Responses "
                 "(Degraded performance)</li></ul>", OPENAI + "//incidents/01KY54SWGRK", "01KY54S"),
    item("Slow answers", "<b>Status: Resolved</b><br/><br/>All is well.", OPENAI + "//incidents/01KA", "01KA"))
BETTER_STACK_RSS = rss(   # every link is the home page, every update an item of its own
    "https://status.huggingface.co",
    item("Spaces Proxy recovered", "", "https://status.huggingface.co/", "r#2", "Tue, 24 Nov 2026 10:16:00 +0000"),
    item("Spaces Proxy went down", "", "https://status.huggingface.co/", "r#1", "Tue, 24 Nov 2026 10:15:00 +0000"),
    item("Elevated errors went down", "", "https://status.huggingface.co/", "r#0", "Tue, 24 Nov 2026 10:10:00 +0000"))
GOOGLE_ATOM = atom(
    GCP + "/", entry("UPDATE: Elevated errors", "<p>Summary: Elevated errors</p><p>We are investigating. Affected "
                     "products: Vertex Gemini API</p>", GCP + "/incidents/wv1", "tag:g,2026:feed:wv1.u2"),
    entry("Elevated errors", "<p>First words: investigating Gemini</p>", GCP + "/incidents/wv1",
          "tag:g,2026:feed:wv1.u1", "2026-11-24T09:00:00Z"),
    entry("RESOLVED: Gemini and Vertex AI slow", "<p>Resolved.</p>", GCP + "/incidents/wv2", "tag:g,2026:feed:wv2.u9"),
    entry("Storage errors", "<p>We are investigating. Affected products: Cloud Storage</p>", GCP + "/incidents/wv3",
          "tag:g,2026:feed:wv3.u1"))
AZURE_HOME = "https://azurestatusprodwus.azurewebsites.net/en-us/status/"
AZURE_RSS = rss(
    AZURE_HOME, item("Elevated errors", "<p>Starting at 08:44 UTC, customers may have seen failures.</p>", AZURE_HOME,
                     "elevated-errors", "Tue, 24 Nov 2026 10:15:09 Z", ("Azure OpenAI Service", "West US")),
    item("Issues with disks", "<p>We are investigating.</p>", AZURE_HOME, "issues-with-disks",
         "Tue, 24 Nov 2026 10:15:09 Z", ("Virtual Machines", "East US")), title="Azure Status")
AWS_HOME = "https://status.aws.amazon.com/"
AWS_RSS = rss(
    AWS_HOME, item("Service degradation: Elevated errors", "We are seeing errors.", AWS_HOME, AWS_HOME + "#bedrock_2"),
    item("Service is operating normally: [RESOLVED] Slow answers", "Between 1 and 2 AM we experienced slowness.",
         AWS_HOME, AWS_HOME + "#bedrock_1", "Tue, 24 Nov 2026 02:00:00 PST"),
    item("Informational message: Slow answers", "We are seeing slowness.", AWS_HOME, AWS_HOME + "#bedrock_0",
         "Tue, 24 Nov 2026 01:00:00 PST"),
    item("Service disruption: Power", "We never told that it ended.", AWS_HOME, AWS_HOME + "#bedrock_z",
         "Sun, 01 Mar 2026 01:00:00 PST"), title="Amazon Bedrock (N. Virginia) Service Status").encode("utf-16")
DEEPSEEK = "https://status.deepseek.com"
FLASHDUTY_RSS = rss(
    DEEPSEEK, item("Elevated errors（API 服务异常）", "<p>已定位 - 正在修复</p>", DEEPSEEK + "/change/66", "66-2",
                   "Tue, 24 Nov 2026 18:15:00 +0800"),
    item("Elevated errors（API 服务异常）", "<p>调查中</p>", DEEPSEEK + "/change/66", "66-1",
         "Tue, 24 Nov 2026 17:15:00 +0800"),
    item("网页对话缓慢（Web slow）", "<p>已解决 - 服务恢复</p>", DEEPSEEK + "/change/65", "65-2"),
    item("网页对话缓慢（Web slow）", "<p>调查中</p>", DEEPSEEK + "/change/65", "65-1",
         "Tue, 24 Nov 2026 08:15:00 +0800"))
XAI = "https://status.x.ai"
XAI_RSS = rss(
    XAI, item("[API (us-east-1.api.x.ai)] Elevated errors", "<h3>Status: INVESTIGATING</h3><p>Severity: unavailable"
              "</p><hr/><h4>Updates:</h4><h3>Identified</h3>", XAI + "/api-us-east-1/INC1", "INC1"),
    item("[API (us-west-2.api.x.ai)] Video slow", "<h3>Status: RESOLVED</h3><p>Severity: available</p><h3>Investigating"
         "</h3>", XAI + "/api-us-west-2/INC2", "INC2"),
    item("[Grok (Web)] Slower than usual", "<h3>Status: MONITORING</h3>", XAI + "/grok-web/INC3", "INC3"))

DOCUMENTS: dict[tuple[str, str], bytes] = {   # (platform, format) of the catalogue
    key: document if isinstance(document, bytes) else
    (document if isinstance(document, str) else json.dumps(document)).encode()
    for key, document in {
        ("statuspage", "feed"): STATUSPAGE_ATOM, ("statuspage", "json"): STATUSPAGE,
        ("incident_io", "feed"): INCIDENT_IO_RSS, ("incident_io", "json"): INCIDENT_IO,
        ("betterstack", "feed"): BETTER_STACK_RSS, ("betterstack", "json"): BETTER_STACK,
        ("google", "feed"): GOOGLE_ATOM, ("google", "json"): GOOGLE, ("azure", "feed"): AZURE_RSS,
        ("aws", "feed"): AWS_RSS, ("aws", "json"): json.dumps(AWS).encode("utf-16"),
        ("flashduty", "feed"): FLASHDUTY_RSS, ("own", "feed"): XAI_RSS, ("checkly", "json"): CHECKLY,
        ("datadog", "json"): DATADOG, ("instatus", "json"): INSTATUS,
    }.items()
}
