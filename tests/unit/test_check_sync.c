/* SPDX-License-Identifier: MIT */
#include <prov/check_sync.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

#define S PROV_STR_INIT

/* One call with all that it needs; the members that a test does not set have sensible values. */
struct call {
    const char *dialect; /* NULL = auerswald-d */
    const char *from;    /* NULL = 192.0.2.9:5060 */
    struct prov_check_sync_policy policy;
    struct prov_check_sync_last last;
    uint64_t now_ms;
    size_t arena_bytes;      /* 0 = what the header promises to be enough */
    struct prov_arena arena; /* after the call */
    char *message, *memory;
    char text[PROV_CHECK_SYNC_REPLY_BYTES + 1];
    struct prov_buf reply;
    struct prov_check_sync out;
    struct prov_diag diag;
};

static const struct prov_str only_the_server[] = { S("192.0.2.9") };

static void
open_call(struct call *c)
{
    *c = (struct call){
        .policy = { .size = sizeof(c->policy),
                    .enabled = true,
                    .allow = only_the_server,
                    .allow_count = 1 },
        .now_ms = 50000,
        .out = { .answer = 7 },
    };
}

static void
close_call(struct call *c)
{
    free(c->message);
    free(c->memory);
    c->message = c->memory = NULL;
}

static enum prov_status
run(struct call *c, const char *text, size_t len)
{
    const char *name = c->dialect != NULL ? c->dialect : "auerswald-d";
    struct prov_endpoint from;

    close_call(c);
    if (c->arena_bytes == 0)
        c->arena_bytes = PROV_CHECK_SYNC_MEMORY(len);
    c->memory = malloc(c->arena_bytes);
    c->message = malloc(len > 0 ? len : 1);
    assert_true(c->memory != NULL && c->message != NULL);
    memcpy(c->message, text, len);
    prov_arena_init(&c->arena, c->memory, c->arena_bytes);
    c->reply = (struct prov_buf){ c->text, sizeof(c->text) - 1, 0 };
    assert_int_equal(PROV_OK, prov_endpoint_parse(
                                  prov_str_z(c->from != NULL ? c->from : "192.0.2.9:5060"), &from));
    const enum prov_status status = prov_check_sync_read(
        &c->policy, prov_dialect_find(prov_str_z(name)), &from, c->now_ms, &c->last,
        (struct prov_str){ c->message, len }, &c->arena, &c->reply, &c->out, &c->diag);

    c->text[c->reply.len] = '\0';
    assert_int_equal(0, c->arena.scratch); /* given back on every path */
    return status;
}

static enum prov_status
run_z(struct call *c, const char *text)
{
    return run(c, text, strlen(text));
}

#define HEAD(method, from, event) \
    method " sip:phone@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=1\r\n" \
           "From: " from "\r\nTo: <sip:phone@192.0.2.1>\r\nCall-ID: 77@h\r\nCSeq: 4 " method \
           "\r\n" event
#define FROM "\"Prov\" <sip:prov@pbx.example:5060>;tag=x"
#define NOTIFY(event, rest) HEAD("NOTIFY", FROM, event rest)
#define PLAIN NOTIFY("Event: check-sync\r\n", "\r\n")
#define WITH(body) NOTIFY("Event: check-sync\r\nContent-Type: application/xml\r\n", "\r\n" body)
#define SYNC(inside) WITH("<notifySync><checkSync>" inside "</checkSync></notifySync>")

/* ---- Gates ---- */

static const struct row {
    const char *name;
    const char *text;
    unsigned answer;
    enum prov_diag_code code;
} rows[] = {
    /* clang-format off */
    { "plain",              PLAIN, 200, PROV_D_NONE },
    { "any case, compact",  "NOTIFY x SIP/2.0\nv: SIP/2.0/UDP a\nf: a\nt: a\ni: 1\nCSeq: 1 NOTIFY\no: Check-Sync ;reboot=true\n", 200, PROV_D_NONE },
    { "with a state",       NOTIFY("Event: check-sync\r\nSubscription-State: active\r\n", "\r\n"), 200, PROV_D_NONE },
    { "blank body",         NOTIFY("Event: check-sync\r\nContent-Type: text/plain\r\n", "\r\n \r\n\r\n"), 200, PROV_D_NONE },
    { "OPTIONS",            HEAD("OPTIONS", FROM, "Event: check-sync\r\n"), 405, PROV_D_CHECK_SYNC_METHOD },
    { "SUBSCRIBE",          HEAD("SUBSCRIBE", FROM, "\r\n"), 405, PROV_D_CHECK_SYNC_METHOD },
    { "ACK",                HEAD("ACK", FROM, "\r\n"), 0, PROV_D_CHECK_SYNC_METHOD },
    { "no event",           NOTIFY("", "\r\n"), 489, PROV_D_CHECK_SYNC_EVENT },
    { "another event",      NOTIFY("Event: message-summary\r\n", "\r\n"), 489, PROV_D_CHECK_SYNC_EVENT },
    { "longer event",       NOTIFY("Event: check-sync2\r\n", "\r\n"), 489, PROV_D_CHECK_SYNC_EVENT },
    { "text body",          NOTIFY("Event: check-sync\r\nContent-Type: text/plain\r\n", "\r\n<notifySync/>"), 415, PROV_D_CHECK_SYNC_TYPE },
    { "almost XML",         NOTIFY("Event: check-sync\r\nContent-Type: application/+xml\r\n", "\r\n<notifySync/>"), 200, PROV_D_NONE },
    { "image with XML",     NOTIFY("Event: check-sync\r\nContent-Type: image/svg+xml\r\n", "\r\n<notifySync/>"), 415, PROV_D_CHECK_SYNC_TYPE },
    { "only the ending",    NOTIFY("Event: check-sync\r\nContent-Type: +xml\r\n", "\r\n<notifySync/>"), 415, PROV_D_CHECK_SYNC_TYPE },
    { "encoded body",       NOTIFY("Event: check-sync\r\ne: gzip\r\n", "\r\n<notifySync/>"), 415, PROV_D_CHECK_SYNC_TYPE },
    { "identity",           NOTIFY("Event: check-sync\r\ne: Identity\r\n", "\r\n<notifySync/>"), 200, PROV_D_NONE },
    { "no type",            NOTIFY("Event: check-sync\r\n", "\r\n<notifySync/>"), 200, PROV_D_NONE },
    { "text/xml",           NOTIFY("Event: check-sync\r\nc: Text/XML; charset=utf-8\r\n", "\r\n<notifySync/>"), 200, PROV_D_NONE },
    { "notifySync+xml",     NOTIFY("Event: check-sync\r\nc: application/notifySync+xml\r\n", "\r\n<notifySync/>"), 200, PROV_D_NONE },
    { "not well formed",    WITH("<notifySync>"), 400, PROV_D_XML_CUT_OFF },
    { "HTML",               WITH("<html><body/></html>"), 400, PROV_D_XML_HTML },
    { "DOCTYPE",            WITH("<!DOCTYPE a><a/>"), 400, PROV_D_XML_DOCTYPE },
    { "patch",              WITH("<configuration/>"), 200, PROV_D_NONE },
    { "section",            WITH("<keys/>"), 200, PROV_D_NONE },
    { "operations",         WITH("<operations/>"), 200, PROV_D_NONE },
    { "reference file",     WITH("<referencedSettings/>"), 415, PROV_D_CHECK_SYNC_DOCUMENT },
    { "other family",       WITH("<PANASIPPhoneConfig/>"), 415, PROV_D_CHECK_SYNC_DOCUMENT },
    { "unknown document",   WITH("<somethingElse/>"), 415, PROV_D_CHECK_SYNC_DOCUMENT },
    { "blank in the URL",   SYNC("<url>http://h/a b</url>"), 400, PROV_D_CHECK_SYNC_URL },
    { "lines in the URL",   SYNC("<url>http://h/a\nHost: x</url>"), 400, PROV_D_CHECK_SYNC_URL },
    { "CR as reference",    SYNC("<url>http://h/&#13;&#10;x</url>"), 400, PROV_D_CHECK_SYNC_URL },
    { "DEL in the URL",     SYNC("<url>http://h/&#127;x</url>"), 400, PROV_D_CHECK_SYNC_URL },
    /* clang-format on */
};

static void
opens_its_gates_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct call c;
        struct prov_sip answer;

        open_call(&c);
        PROV_ROW(r->name, run_z(&c, r->text) == PROV_OK);
        PROV_ROW(r->name, c.out.answer == r->answer && c.diag.code == r->code);
        PROV_ROW(r->name, c.out.reason != NULL && c.out.reason[0] != '\0');
        PROV_ROW(r->name, c.last.any == (r->answer == 200));
        PROV_ROW(r->name, (c.reply.len > 0) == (r->answer != 0));
        if (r->answer != 0)
            PROV_ROW(r->name, prov_sip_read(prov_buf_str(&c.reply), &answer, NULL) == PROV_OK &&
                                  answer.status == r->answer);
        if (r->answer != 200)
            PROV_ROW(r->name, !c.out.has_url && c.out.document.len == 0 && !c.out.has_reboot);
        close_call(&c);
    }
}

/* The order of the gates: each is shut while all behind it are shut as well. */
static void
asks_gates_in_order(void **state)
{
    struct call c;

    (void)state;
    open_call(&c);
    c.policy.enabled = false;
    c.policy.allow_count = 0;
    c.last = (struct prov_check_sync_last){ true, 49000, 1 };
    assert_int_equal(PROV_OK, run_z(&c, HEAD("INFO", FROM, "Event: x\r\nc: a/b\r\n\r\n<")));
    assert_int_equal(405, c.out.answer);
    assert_int_equal(PROV_OK, run_z(&c, NOTIFY("Event: x\r\nc: a/b\r\n", "\r\n<")));
    assert_int_equal(489, c.out.answer);
    assert_int_equal(PROV_OK, run_z(&c, NOTIFY("Event: check-sync\r\nc: a/b\r\n", "\r\n<")));
    assert_int_equal(403, c.out.answer);
    assert_int_equal(PROV_D_CHECK_SYNC_OFF, c.diag.code);
    c.policy.enabled = true;
    assert_int_equal(PROV_OK, run_z(&c, NOTIFY("Event: check-sync\r\nc: a/b\r\n", "\r\n<")));
    assert_int_equal(403, c.out.answer);
    assert_int_equal(PROV_D_CHECK_SYNC_SENDER, c.diag.code);
    c.policy.any_sender = true;
    assert_int_equal(PROV_OK, run_z(&c, NOTIFY("Event: check-sync\r\nc: a/b\r\n", "\r\n<")));
    assert_int_equal(503, c.out.answer);
    assert_int_equal(9, c.out.retry_after_s);
    c.last.at_ms = 40000;
    assert_int_equal(PROV_OK, run_z(&c, NOTIFY("Event: check-sync\r\nc: a/b\r\n", "\r\n<")));
    assert_int_equal(415, c.out.answer);
    assert_int_equal(PROV_OK, run_z(&c, NOTIFY("Event: check-sync\r\n", "\r\n<")));
    assert_int_equal(400, c.out.answer);
    assert_true(c.last.at_ms == 40000 && c.last.id == 1);
    close_call(&c);
}

static void
compares_senders_with_the_list(void **state)
{
    static const struct {
        const char *entry, *from, *header;
        bool allowed;
    } senders[] = {
        { "192.0.2.9", "192.0.2.9:40000", "<sip:a@b>", true },
        { " 192.0.2.9\n", "192.0.2.9:40000", "<sip:a@b>", true },
        { "192.0.2.9:5060", "192.0.2.9:40000", "<sip:a@b>", true },
        { "192.0.2.9", "[::ffff:192.0.2.9]:5060", "<sip:a@b>", true },
        { "2001:db8::1", "[2001:db8:0::1]:5060", "<sip:a@b>", true },
        { "192.0.2.8", "192.0.2.9:5060", "<sip:a@192.0.2.8>", false },
        { "pbx.example", "192.0.2.9:5060", "<sip:a@PBX.example>;tag=1", true },
        { "pbx.example", "192.0.2.9:5060", "\"<sip:a@x>\" <sips:pbx.example:5061;x=y>", true },
        { "pbx.example", "192.0.2.9:5060", "sip:a@pbx.example;tag=1", true },
        { "pbx.example", "192.0.2.9:5060", "sip:pbx.example", true },
        { "pbx.example", "192.0.2.9:5060", "<sip:a:b@pbx.example?x=y>", true },
        { "pbx.example", "192.0.2.9:5060", "<sip:a@pbx.example.org>", false },
        { "pbx.example", "192.0.2.9:5060", "<sip:pbx.example@h>", false },
        { "pbx.example", "192.0.2.9:5060", "\"pbx.example\" <sip:h>", false },
        { "pbx.example", "192.0.2.9:5060", "<pbx.example>", false },
        { "pbx.example", "192.0.2.9:5060", "pbx.example", false },
        { "", "192.0.2.9:5060", "<sip:>", false },
        { "pbx", "192.0.2.9:5060", "<sip:a@h>;x=sip:pbx", false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(senders); i++) {
        const struct prov_str list[] = { S("198.51.100.1"), prov_str_z(senders[i].entry) };
        struct call c;
        char text[512];

        open_call(&c);
        c.from = senders[i].from;
        c.policy.allow = list;
        c.policy.allow_count = 2;
        (void)snprintf(text, sizeof(text), HEAD("NOTIFY", "%s", "Event: check-sync\r\n"),
                       senders[i].header);
        PROV_ROW(senders[i].header, run_z(&c, text) == PROV_OK);
        PROV_ROW(senders[i].header, c.out.answer == (senders[i].allowed ? 200 : 403));
        close_call(&c);
    }
}

static void
lets_nobody_in_without_a_list(void **state)
{
    struct call c;

    (void)state;
    open_call(&c);
    c.policy.allow = NULL;
    c.policy.allow_count = 0;
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    assert_int_equal(403, c.out.answer);
    c.policy.any_sender = true;
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    assert_int_equal(200, c.out.answer);
    close_call(&c);
}

static void
knows_the_event_of_the_settings(void **state)
{
    struct call c;

    (void)state;
    open_call(&c);
    c.policy.event = (struct prov_str)S("resync;x=y");
    assert_int_equal(PROV_OK, run_z(&c, NOTIFY("Event: ReSync;reboot=false\r\n", "\r\n")));
    assert_int_equal(200, c.out.answer);
    assert_true(c.out.has_reboot && !c.out.reboot);
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    assert_int_equal(489, c.out.answer);
    assert_non_null(strstr(c.text, "\r\nAllow-Events: resync\r\n"));
    c.policy.event = (struct prov_str)S("X-2.b_c");
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    assert_non_null(strstr(c.text, "\r\nAllow-Events: X-2.b_c\r\n"));
    c.policy.event = (struct prov_str)S("a\r\nEvil: b"); /* is not echoed */
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    assert_int_equal(489, c.out.answer);
    assert_null(strstr(c.text, "Evil"));
    close_call(&c);
}

static void
reads_whether_to_reboot(void **state)
{
    static const struct {
        const char *text;
        bool has, reboot;
    } events[] = {
        { NOTIFY("Event: check-sync;reboot=true\r\n", "\r\n"), true, true },
        { NOTIFY("Event: check-sync; reboot = FALSE \r\n", "\r\n"), true, false },
        { NOTIFY("Event: check-sync;id=3;reboot=\"true\"\r\n", "\r\n"), true, true },
        { NOTIFY("Event: check-sync;reboot=maybe\r\n", "\r\n"), false, false },
        { NOTIFY("Event: check-sync;reboot\r\n", "\r\n"), false, false },
        { PLAIN, false, false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(events); i++) {
        struct call c;

        open_call(&c);
        PROV_ROW(events[i].text, run_z(&c, events[i].text) == PROV_OK && c.out.answer == 200);
        PROV_ROW(events[i].text, c.out.has_reboot == events[i].has);
        PROV_ROW(events[i].text, c.out.reboot == events[i].reboot);
        close_call(&c);
    }
}

/* ---- Rate ---- */

static void
accepts_one_in_an_interval(void **state)
{
    static const struct {
        uint64_t after_ms;
        unsigned answer, retry_after_s;
    } times[] = {
        { 0, 503, 10 },   { 1, 503, 10 },   { 1000, 503, 9 },
        { 9001, 503, 1 }, { 9999, 503, 1 }, { 10000, 200, 0 },
    };
    static const char another[] = "NOTIFY x SIP/2.0\nv: SIP/2.0/UDP a\nf: a\nt: a\ni: other\n"
                                  "CSeq: 1 NOTIFY\no: check-sync\n";

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(times); i++) {
        struct call c;
        char line[64];

        open_call(&c);
        assert_int_equal(PROV_OK, run_z(&c, PLAIN));
        assert_true(c.last.any && c.last.at_ms == c.now_ms);
        c.now_ms += times[i].after_ms;
        assert_int_equal(PROV_OK, run_z(&c, another));
        assert_int_equal(times[i].answer, c.out.answer);
        assert_int_equal(times[i].retry_after_s, c.out.retry_after_s);
        (void)snprintf(line, sizeof(line), "\r\nRetry-After: %u\r\n", times[i].retry_after_s);
        assert_true((strstr(c.text, line) != NULL) == (times[i].answer == 503));
        assert_true((c.last.at_ms == c.now_ms) ==
                    (times[i].answer == 200 || times[i].after_ms == 0));
        close_call(&c);
    }
}

static void
takes_the_interval_of_the_policy(void **state)
{
    struct call c;

    (void)state;
    open_call(&c);
    c.policy.interval_ms = 60000;
    c.last = (struct prov_check_sync_last){ true, 0, 1 };
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    assert_int_equal(503, c.out.answer);
    c.now_ms = 60000;
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    assert_int_equal(200, c.out.answer);
    close_call(&c);
}

/* Our 200 was lost: the server asks again, and is not told to wait. */
static void
answers_the_same_request_again(void **state)
{
    struct call c;
    char first[PROV_CHECK_SYNC_REPLY_BYTES + 1];

    (void)state;
    open_call(&c);
    assert_int_equal(PROV_OK, run_z(&c, SYNC("<url>http://h/</url>")));
    assert_true(c.out.answer == 200 && !c.out.repeated && c.out.has_url);
    memcpy(first, c.text, sizeof(first));
    c.now_ms += 500;
    assert_int_equal(PROV_OK, run_z(&c, SYNC("<url>http://h/</url>")));
    assert_true(c.out.answer == 200 && c.out.repeated && !c.out.has_url);
    assert_string_equal(first, c.text);
    assert_true(c.last.at_ms == c.now_ms - 500);
    c.now_ms += 31499; /* long enough to be a message of its own */
    assert_int_equal(PROV_OK, run_z(&c, SYNC("")));
    assert_true(c.out.repeated);
    c.now_ms += 1;
    assert_int_equal(PROV_OK, run_z(&c, SYNC("")));
    assert_true(c.out.answer == 200 && !c.out.repeated);
    close_call(&c);
}

/* ---- Bodies ---- */

static const struct sync {
    const char *name, *text;
    const char *url; /* NULL = there is none */
    int data;        /* -1 = it is not there */
    bool other;
} syncs[] = {
    /* clang-format off */
    { "the vendor's example", WITH("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<notifySync>\n  <checkSync>\n"
                                   "    <url>http://prov.example.net/{mac}.xml</url>\n"
                                   "    <dataAvailable>true</dataAvailable>\n  </checkSync>\n</notifySync>\n"),
      "http://prov.example.net/{mac}.xml", 1, false },
    { "lines in front, trimmed, entities", WITH("\r\n\r\n<?xml version=\"1.0\"?><notifySync><checkSync><url>\n\thttp://h/?a=1&amp;b=&lt;MACADR&gt; "
                                   "</url></checkSync></notifySync>\r\n"), "http://h/?a=1&b=<MACADR>", -1, false },
    { "any case and prefix",  WITH("<n:NOTIFYSYNC xmlns:n='n'><n:startDelay>P1D</n:startDelay><n:CheckSync><N:URL xmlns:N='n'>ftp://h</N:URL>"
                                   "<n:DATAavailable> FALSE </n:DATAavailable></n:CheckSync></n:NOTIFYSYNC>"), "ftp://h", 0, false },
    { "first ones count",     SYNC("<x/><url>http://a</url><url>http://b</url><dataAvailable>0</dataAvailable><dataAvailable>1</dataAvailable>"), "http://a", 0, false },
    { "one as a number",      SYNC("<dataAvailable>1</dataAvailable>"), NULL, 1, false },
    { "no boolean",           SYNC("<dataAvailable>yes</dataAvailable>"), NULL, -1, false },
    { "empty URL",            SYNC("<url/>"), "", -1, false },
    { "blank URL",            SYNC("<url> \n</url>"), "", -1, false },
    { "nothing inside",       SYNC(""), NULL, -1, false },
    { "CDATA",                SYNC("<url><![CDATA[http://h/?a&b]]></url>"), "http://h/?a&b", -1, false },
    { "URL in another place", WITH("<notifySync><url>http://h</url><checkSync/></notifySync>"), NULL, -1, false },
    { "reboot",               WITH("<notifySync><reboot/></notifySync>"), NULL, -1, true },
    { "update",               WITH("<notifySync><updateFirmware><url>http://h</url></updateFirmware></notifySync>"), NULL, -1, true },
    { "empty",                WITH("<notifySync/>"), NULL, -1, true },
    /* clang-format on */
};

static void
reads_notify_sync(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(syncs); i++) {
        const struct sync *s = &syncs[i];
        struct call c;

        open_call(&c);
        PROV_ROW(s->name, run_z(&c, s->text) == PROV_OK && c.out.answer == 200);
        free(c.message); /* an address outlives its message */
        c.message = NULL;
        PROV_ROW(s->name, c.out.has_url == (s->url != NULL));
        PROV_ROW(s->name, s->url == NULL || prov_str_is(c.out.url.ptr, c.out.url.len, s->url));
        PROV_ROW(s->name, c.out.has_data == (s->data >= 0) && c.out.data == (s->data == 1));
        PROV_ROW(s->name, c.out.other == s->other && c.out.document.len == 0);
        PROV_ROW(s->name, c.last.any);
        close_call(&c);
    }
}

static void
hands_out_documents(void **state)
{
    static const struct {
        const char *dialect, *text, *document;
        enum prov_file_type type;
    } documents[] = {
        { "auerswald-d", WITH("\r\n <configuration><keys/></configuration>\r\n"),
          "<configuration><keys/></configuration>", PROV_FILE_PATCH },
        { "auerswald-d", WITH("<telephony/>"), "<telephony/>", PROV_FILE_SECTION },
        { "auerswald-d", WITH("<operations><delete path='/keys/x'/></operations>"),
          "<operations><delete path='/keys/x'/></operations>", PROV_FILE_OPERATIONS },
        { "auerswald-d100", WITH("<operations><delete path='/keys/x'/></operations>"), NULL,
          PROV_FILE_UNKNOWN },
        { "panasonic-utg", WITH("<configuration/>"), NULL, PROV_FILE_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(documents); i++) {
        const char *want = documents[i].document;
        struct call c;

        open_call(&c);
        c.dialect = documents[i].dialect;
        PROV_ROW(documents[i].text, run_z(&c, documents[i].text) == PROV_OK);
        PROV_ROW(documents[i].text, c.out.answer == (want != NULL ? 200 : 415));
        PROV_ROW(documents[i].text, c.out.type == documents[i].type && !c.out.other);
        PROV_ROW(documents[i].text,
                 prov_str_is(c.out.document.ptr, c.out.document.len, want != NULL ? want : ""));
        close_call(&c);
    }
}

static void
says_where_a_body_is_wrong(void **state)
{
    struct call c;

    (void)state;
    open_call(&c);
    assert_int_equal(PROV_OK, run_z(&c, WITH("<notifySync>\n  <checkSync></x>")));
    assert_int_equal(400, c.out.answer);
    assert_true(c.diag.status == PROV_E_SYNTAX && c.diag.line == 2 && c.diag.column > 10);
    /* A warning before the error does not hide it. */
    assert_int_equal(PROV_OK, run_z(&c, WITH("<?xml version='1.0' encoding='utf=8'?><a>")));
    assert_true(c.out.answer == 400 && c.diag.status == PROV_E_SYNTAX);
    close_call(&c);
}

static void
keeps_the_limits_of_the_policy(void **state)
{
    static const char text[] = SYNC("<url>http://h/012345678</url>");
    const size_t body = strlen(text) - strlen(WITH(""));
    struct prov_limits limits = { .size = sizeof(limits) };
    struct call c;

    (void)state;
    open_call(&c);
    c.policy.limits = &limits;
    limits.file_bytes = (uint32_t)body - 1;
    assert_int_equal(PROV_OK, run_z(&c, text));
    assert_int_equal(413, c.out.answer);
    assert_true(c.diag.code == PROV_D_CHECK_SYNC_SIZE && c.diag.need == body - 1);
    limits.file_bytes = (uint32_t)body;
    limits.url_bytes = 17;
    assert_int_equal(PROV_OK, run_z(&c, text));
    assert_int_equal(400, c.out.answer);
    limits.url_bytes = 18;
    limits.xml_depth = 2;
    assert_int_equal(PROV_OK, run_z(&c, text));
    assert_true(c.out.answer == 400 && c.diag.status == PROV_E_LIMIT && c.diag.need == 2);
    limits.xml_depth = 3;
    limits.xml_nodes = 2;
    assert_int_equal(PROV_OK, run_z(&c, text));
    assert_true(c.out.answer == 400 && c.diag.status == PROV_E_LIMIT && c.diag.need == 2);
    limits.xml_nodes = 3;
    assert_int_equal(PROV_OK, run_z(&c, text));
    assert_int_equal(200, c.out.answer);
    limits.url_bytes = 1u << 30;
    assert_int_equal(PROV_E_ARG, run_z(&c, text));
    assert_true(c.diag.code == PROV_D_BAD_ARGUMENT && c.diag.subject.len == 0);
    limits.size = 1;
    assert_int_equal(PROV_E_ABI, run_z(&c, text));
    assert_true(c.diag.code == PROV_D_ABI);
    assert_true(prov_str_is(c.diag.subject.ptr, c.diag.subject.len, "prov_limits"));
    close_call(&c);
}

/* ---- Answers ---- */

static void
writes_the_answer(void **state)
{
    struct call c;
    struct prov_sip answer;
    struct prov_str tag;
    char want[512];

    (void)state;
    open_call(&c);
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    assert_int_equal(PROV_OK, prov_sip_read(prov_buf_str(&c.reply), &answer, NULL));
    assert_true(prov_sip_param(answer.headers[PROV_SIP_TO], prov_str_z("tag"), &tag));
    assert_int_equal(16, tag.len);
    (void)snprintf(
        want, sizeof(want),
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=1;received=192.0.2.9\r\n"
        "From: " FROM "\r\nTo: <sip:phone@192.0.2.1>;tag=%.16s\r\nCall-ID: 77@h\r\n"
        "CSeq: 4 NOTIFY\r\nContent-Length: 0\r\n\r\n",
        tag.ptr);
    assert_string_equal(want, c.text);
    assert_int_equal(PROV_OK, run_z(&c, HEAD("INFO", FROM, "")));
    assert_non_null(strstr(c.text, "\r\nAllow: NOTIFY\r\n"));
    c.reply.len = 0; /* and nobody has to ask why */
    assert_int_equal(PROV_OK,
                     prov_check_sync_read(&c.policy, prov_dialect_find(prov_str_z("generic")),
                                          &(struct prov_endpoint){ .port = 1 }, 0, &c.last,
                                          prov_str_z(PLAIN), NULL, &c.reply, &c.out, NULL));
    assert_int_equal(403, c.out.answer);
    c.last.any = false;
    assert_int_equal(PROV_OK, run_z(&c, WITH("<unknown/>")));
    assert_non_null(strstr(c.text, "\r\nAccept: application/xml, text/xml\r\n"));
    close_call(&c);
}

static void
acts_without_an_answer_that_is_too_long(void **state)
{
    static char text[4096];
    struct call c;

    (void)state;
    for (int length = 1500; length <= 2500; length += 1000) {
        open_call(&c);
        (void)snprintf(text, sizeof(text),
                       "NOTIFY x SIP/2.0\nv: SIP/2.0/UDP a;x=%0*d\nf: a\nt: a\n"
                       "i: 1\nCSeq: 1 NOTIFY\no: check-sync\n",
                       length, 0);
        assert_int_equal(PROV_OK, run_z(&c, text));
        assert_true(c.out.answer == 200 && c.last.any);
        assert_true((c.reply.len > 0) == (length == 1500));
        close_call(&c);
    }
}

/* ---- Memory and mistakes ---- */

static void
refuses_every_smaller_arena(void **state)
{
    static const char text[] = SYNC("<url>http://h/a</url>");
    const size_t body = strlen(text) - strlen(WITH(""));
    struct call c;
    size_t least = 0;

    (void)state;
    for (size_t bytes = 1; least == 0; bytes += bytes < 8000 ? 97 : 1) {
        open_call(&c);
        c.arena_bytes = bytes;
        const enum prov_status status = run_z(&c, text);

        if (status == PROV_OK) {
            least = bytes;
        } else {
            assert_int_equal(PROV_E_SPACE, status);
            assert_true(c.reply.len == 0 && c.out.answer == 7 && !c.last.any &&
                        c.arena.need > bytes);
            assert_int_equal(PROV_D_NO_ARENA_SPACE, c.diag.code);
        }
        close_call(&c);
    }
    assert_true(least <= PROV_CHECK_SYNC_MEMORY(body));
}

static void
refuses_every_smaller_buffer(void **state)
{
    const struct prov_endpoint from = { PROV_FAMILY_IPV4, { 192, 0, 2, 9 }, 5060 };
    const struct prov_dialect *dialect = prov_dialect_find(prov_str_z("auerswald-d"));
    struct call c;
    char mem[PROV_CHECK_SYNC_REPLY_BYTES];
    size_t full;

    (void)state;
    open_call(&c);
    assert_int_equal(PROV_OK, run_z(&c, PLAIN));
    full = c.reply.len;
    for (size_t cap = 0; cap <= full; cap++) {
        struct prov_check_sync_last last = { .any = false };
        struct prov_buf reply = { mem, cap, 0 };

        memset(mem, '#', sizeof(mem));
        assert_int_equal(cap < full ? PROV_E_SPACE : PROV_OK,
                         prov_check_sync_read(&c.policy, dialect, &from, 0, &last,
                                              prov_str_z(PLAIN), NULL, &reply, &c.out, &c.diag));
        assert_true(reply.len == (cap < full ? 0 : full) && mem[cap] == '#');
        assert_true(last.any == (cap == full));
    }
    close_call(&c);
}

static unsigned heap_left;

static void *
short_alloc(size_t bytes)
{
    return heap_left > 0 ? heap_left--, malloc(bytes) : NULL;
}

static void *
short_resize(void *p, size_t bytes)
{
    return heap_left > 0 ? heap_left--, realloc(p, bytes) : NULL;
}

static void
survives_a_heap_without_memory(void **state)
{
    static const struct prov_xml_heap heap = { short_alloc, short_resize, free };
    enum prov_status status = PROV_E_MEMORY;
    struct call c;

    (void)state;
    for (unsigned n = 0; status != PROV_OK && n < 1000; n++) {
        open_call(&c);
        c.policy.heap = &heap;
        heap_left = n;
        status = run_z(&c, SYNC("<url>http://h/a</url>"));
        assert_true(status == PROV_OK || status == PROV_E_MEMORY);
        assert_true(status == PROV_OK || (c.reply.len == 0 && c.diag.code == PROV_D_NO_HEAP));
        close_call(&c);
    }
    assert_int_equal(PROV_OK, status);
}

static void
refuses_what_is_no_request(void **state)
{
    static const char response[] = "SIP/2.0 200 OK\nv: SIP/2.0/UDP a\nf: a\nt: a\ni: 1\n"
                                   "CSeq: 1 NOTIFY\n";
    static char large[PROV_SIP_MAX + 1];
    struct call c;

    (void)state;
    open_call(&c);
    assert_int_equal(PROV_E_SYNTAX, run_z(&c, response));
    assert_int_equal(PROV_D_CHECK_SYNC_RESPONSE, c.diag.code);
    assert_int_equal(PROV_E_SYNTAX, run_z(&c, "\r\n\r\n"));
    assert_int_equal(PROV_D_SIP_EMPTY, c.diag.code);
    assert_int_equal(PROV_E_LIMIT, run(&c, large, sizeof(large)));
    assert_true(c.reply.len == 0 && c.out.answer == 7 && !c.last.any);
    close_call(&c);
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_dialect *d = prov_dialect_find(prov_str_z("auerswald-d"));
    const struct prov_endpoint from = { PROV_FAMILY_IPV4, { 192, 0, 2, 9 }, 5060 };
    const struct prov_str m = S(PLAIN), body = S(SYNC(""));
    static const struct prov_xml_heap half = { malloc, NULL, free };
    struct call c;

    (void)state;
    open_call(&c);
    c.reply = (struct prov_buf){ c.text, sizeof(c.text), 0 };
#define READ(policy, dialect, from, last, message, reply, out) \
    prov_check_sync_read(policy, dialect, from, 0, last, message, NULL, reply, out, &c.diag)
    assert_int_equal(PROV_E_ARG, READ(NULL, d, &from, &c.last, m, &c.reply, &c.out));
    assert_int_equal(PROV_E_ARG, READ(&c.policy, NULL, &from, &c.last, m, &c.reply, &c.out));
    assert_int_equal(PROV_E_ARG, READ(&c.policy, d, NULL, &c.last, m, &c.reply, &c.out));
    assert_int_equal(PROV_E_ARG, READ(&c.policy, d, &from, NULL, m, &c.reply, &c.out));
    assert_int_equal(PROV_E_ARG, READ(&c.policy, d, &from, &c.last, m, NULL, &c.out));
    assert_int_equal(PROV_E_ARG, READ(&c.policy, d, &from, &c.last, m, &c.reply, NULL));
    assert_int_equal(PROV_D_BAD_ARGUMENT, c.diag.code);
    /* A body needs memory. */
    assert_int_equal(PROV_E_ARG, READ(&c.policy, d, &from, &c.last, body, &c.reply, &c.out));
    c.policy.heap = &half;
    assert_int_equal(PROV_E_ARG, run(&c, body.ptr, body.len));
    c.policy.allow = NULL;
    assert_int_equal(PROV_E_ARG, READ(&c.policy, d, &from, &c.last, m, &c.reply, &c.out));
    c.policy.size = 3;
    assert_int_equal(PROV_E_ABI, READ(&c.policy, d, &from, &c.last, m, &c.reply, &c.out));
    assert_int_equal(0, c.reply.len);
    close_call(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_its_gates_by_the_table),
        cmocka_unit_test(asks_gates_in_order),
        cmocka_unit_test(compares_senders_with_the_list),
        cmocka_unit_test(lets_nobody_in_without_a_list),
        cmocka_unit_test(knows_the_event_of_the_settings),
        cmocka_unit_test(reads_whether_to_reboot),
        cmocka_unit_test(accepts_one_in_an_interval),
        cmocka_unit_test(takes_the_interval_of_the_policy),
        cmocka_unit_test(answers_the_same_request_again),
        cmocka_unit_test(reads_notify_sync),
        cmocka_unit_test(hands_out_documents),
        cmocka_unit_test(says_where_a_body_is_wrong),
        cmocka_unit_test(keeps_the_limits_of_the_policy),
        cmocka_unit_test(writes_the_answer),
        cmocka_unit_test(acts_without_an_answer_that_is_too_long),
        cmocka_unit_test(refuses_every_smaller_arena),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(survives_a_heap_without_memory),
        cmocka_unit_test(refuses_what_is_no_request),
        cmocka_unit_test(refuses_bad_arguments),
    };

    return cmocka_run_group_tests_name("check_sync", tests, NULL, NULL);
}
