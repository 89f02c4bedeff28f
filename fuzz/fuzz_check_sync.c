/* SPDX-License-Identifier: MIT */
#include <prov/check_sync.h>

#include "fuzz_in.h"

/* Input: a byte of switches, then a message. */

#define ENABLED 1u
#define ANY_SENDER 2u
#define TOO_SOON 4u
#define OTHER_FAMILY 8u

static bool
inside(struct prov_str part, struct prov_str all)
{
    return part.len == 0 || (part.ptr >= all.ptr && part.ptr + part.len <= all.ptr + all.len);
}

struct world {
    struct prov_check_sync_policy policy;
    struct prov_check_sync_last last;
    struct prov_arena arena;
    struct prov_buf reply;
    struct prov_check_sync out;
    struct prov_diag diag;
    const struct prov_dialect *dialect;
    char *memory;
    char text[PROV_CHECK_SYNC_REPLY_BYTES];
};

static enum prov_status
run(struct world *w, unsigned how, uint64_t now, struct prov_str message)
{
    static const struct prov_endpoint from = { PROV_FAMILY_IPV4, { 192, 0, 2, 9 }, 5060 };
    const size_t bytes = PROV_CHECK_SYNC_MEMORY(message.len);

    free(w->memory);
    w->memory = malloc(bytes);
    FUZZ_CHECK(w->memory != NULL);
    prov_arena_init(&w->arena, w->memory, bytes);
    w->reply = (struct prov_buf){ w->text, sizeof(w->text), 0 };
    w->dialect =
        prov_dialect_find(prov_str_z((how & OTHER_FAMILY) != 0 ? "panasonic-utg" : "auerswald-d"));
    return prov_check_sync_read(&w->policy, w->dialect, &from, now, &w->last, message, &w->arena,
                                &w->reply, &w->out, &w->diag);
}

static void
check_reply(const struct world *w, struct prov_str message)
{
    struct prov_sip request, answer;

    FUZZ_CHECK(prov_sip_read(message, &request, NULL) == PROV_OK && request.request);
    if (w->reply.len == 0)
        return;
    FUZZ_CHECK(prov_sip_read(prov_buf_str(&w->reply), &answer, NULL) == PROV_OK);
    FUZZ_CHECK(!answer.request && answer.status == w->out.answer && answer.cseq == request.cseq);
    FUZZ_CHECK(prov_str_eq(answer.headers[PROV_SIP_CALL_ID], request.headers[PROV_SIP_CALL_ID]));
}

static void
check_accepted(struct world *w, unsigned how, struct prov_str message)
{
    const struct prov_str memory = { w->memory, w->arena.perm };
    const struct prov_check_sync *o = &w->out;

    FUZZ_CHECK((how & ENABLED) != 0 && (how & TOO_SOON) == 0);
    FUZZ_CHECK(inside(o->document, message) && inside(o->url, memory));
    FUZZ_CHECK(o->has_url || o->url.len == 0);
    FUZZ_CHECK((o->document.len > 0) == (o->type != PROV_FILE_UNKNOWN));
    FUZZ_CHECK(o->document.len == 0 || (w->dialect->file_types & PROV_FILE_BIT(o->type)) != 0);
    FUZZ_CHECK(!(o->other && (o->has_url || o->document.len > 0)));
    for (size_t i = 0; i < o->url.len; i++)
        FUZZ_CHECK((unsigned char)o->url.ptr[i] > 0x20 && o->url.ptr[i] != 0x7F);
    FUZZ_CHECK(w->last.any && w->last.at_ms == 50000 && w->diag.code == PROV_D_NONE);
    /* The same request again is answered alike, and asks for nothing. */
    FUZZ_CHECK(run(w, how, 50001, message) == PROV_OK);
    FUZZ_CHECK(w->out.answer == 200 && w->out.repeated && !w->out.has_url);
    FUZZ_CHECK(w->last.at_ms == 50000);
}

static void
check(struct world *w, unsigned how, struct prov_str message)
{
    static const uint16_t documented[] = { 0, 200, 400, 403, 405, 413, 415, 489, 503 };
    bool known = false;

    for (size_t i = 0; i < sizeof(documented) / sizeof(documented[0]); i++)
        known = known || documented[i] == w->out.answer;
    FUZZ_CHECK(known && w->out.reason != NULL);
    check_reply(w, message);
    if (w->out.answer == 200) {
        check_accepted(w, how, message);
        return;
    }
    FUZZ_CHECK(w->diag.code != PROV_D_NONE && !w->out.has_url && w->out.document.len == 0);
    FUZZ_CHECK(w->last.any == ((how & TOO_SOON) != 0));
    FUZZ_CHECK(w->out.answer != 503 || (w->out.retry_after_s >= 1 && w->out.retry_after_s <= 10));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct prov_str allow[] = { PROV_STR_INIT("192.0.2.9"), PROV_STR_INIT("pbx") };
    struct fuzz_in in = { data, size };
    const unsigned how = fuzz_u8(&in);
    const struct prov_str message = fuzz_rest(&in);
    struct world w = { .memory = NULL };

    w.policy = (struct prov_check_sync_policy){
        .size = sizeof(w.policy),
        .enabled = (how & ENABLED) != 0,
        .any_sender = (how & ANY_SENDER) != 0,
        .allow = allow,
        .allow_count = 2,
        .hash_salt = 1,
    };
    if ((how & TOO_SOON) != 0)
        w.last = (struct prov_check_sync_last){ true, 45000, 1 };
    const enum prov_status status = run(&w, how, 50000, message);

    FUZZ_CHECK(w.arena.scratch == 0);
    if (status == PROV_OK) {
        check(&w, how, message);
    } else {
        FUZZ_CHECK(status == PROV_E_SYNTAX || status == PROV_E_LIMIT);
        FUZZ_CHECK(w.reply.len == 0 && w.diag.status == status);
    }
    free(w.memory);
    return 0;
}
