/* SPDX-License-Identifier: MIT */

/* Example 3: a whole run over three hand-written tables, as on a small device that can only block. */

#include <prov/prov.h>

#include <stdio.h>

static const char patch[] = "<configuration><telephony><tone>3</tone></telephony></configuration>";

static struct memory {
    char text[2048];
    size_t len;
} kept[PROV_ITEMS], fresh[PROV_ITEMS]; /* what counts, what is being written */

/* clang-format off */
static enum prov_status
fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *run)
{
    const bool known = prov_str_eq(req->url, prov_str_z("http://lab/00095200000E.xml"));
    struct prov_fetch_result end = { .size = sizeof(end), .http_status = known ? 200 : 404 };

    (void)ctx;
    printf("GET %.*s\n", (int)req->url.len, req->url.ptr);
    if (known)
        end.status = prov_run_body(run, id, patch, sizeof(patch) - 1);
    (void)prov_run_done(run, id, &end); /* what goes wrong there shows in prov_run_loop() */
    return PROV_OK;
}

static enum prov_status
load(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run)
{
    (void)ctx;
    if (kept[item].len == 0)
        return PROV_E_NOT_FOUND;
    return prov_run_body(run, id, kept[item].text, kept[item].len);
}

static enum prov_status
begin(void *ctx)
{
    (void)ctx;
    memset(fresh, 0, sizeof(fresh));
    return PROV_OK;
}

static enum prov_status
put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    (void)ctx;
    if (len > sizeof(fresh[item].text) - fresh[item].len)
        return PROV_E_STORAGE;
    memcpy(fresh[item].text + fresh[item].len, bytes, len);
    fresh[item].len += len;
    return PROV_OK;
}

/* A device needs more: see doc/porting.md on power cuts and on keeping the previous settings. */
static enum prov_status
commit(void *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < PROV_ITEMS; i++)
        kept[i] = fresh[i].len > 0 ? fresh[i] : kept[i];
    return PROV_OK;
}

static void rollback(void *ctx) { (void)ctx; }
static uint64_t now_ms(void *ctx) { return ++*(uint64_t *)ctx; }
static void nap(void *ctx, uint32_t ms) { *(uint64_t *)ctx += ms; }
static void wall(void *ctx, struct prov_wall_time *t) { (void)ctx; t->state = PROV_CLOCK_LOWER_BOUND; }

static const struct prov_net_ops net = { .size = sizeof(net), .fetch = fetch };
static const struct prov_store_ops ops = { sizeof(ops), load, begin, put, commit, rollback, NULL };
static const struct prov_clock_ops ticks = { sizeof(ticks), now_ms, wall, nap };

int
main(void)
{
    static unsigned char memory[4 * 1024 * 1024];
    uint64_t time_ms = 0;
    const struct prov_identity id = { .size = sizeof(id), .mac = PROV_STR_INIT("00095200000E") };
    const struct prov_session_config config = {
        .size = sizeof(config), .dialect = prov_dialect_find(prov_str_z("auerswald-d")),
        .identity = &id, .url = PROV_STR_INIT("http://lab/{mac}.xml"), .attempts = 1,
    };
    struct prov_session *s;
    struct prov_run run;

    if (prov_session_init(&s, memory, sizeof(memory), &config, NULL) != PROV_OK ||
        prov_run_init(&run, s, &(struct prov_net){ &net, NULL }, &(struct prov_store){ &ops, NULL },
                      &(struct prov_clock){ &ticks, &time_ms }, NULL) != PROV_OK ||
        prov_run_loop(&run) != PROV_OK)
        return 1;
    printf("outcome: %s\n%.*s", prov_outcome_name(prov_session_record(s)->outcome),
           (int)kept[0].len, kept[0].text);
    return prov_session_record(s)->outcome == PROV_OUTCOME_APPLIED ? 0 : 1;
}
