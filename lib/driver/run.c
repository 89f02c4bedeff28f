/* SPDX-License-Identifier: MIT */
#include <prov/run.h>

#include <prov/abi.h>

/* The loop comes back at least this often, so that a port's wait or sleep need not be exact. */
#define WAIT_SLICE_MS 1000u
#define SLEEP_SLICE_MS 60000u

/* Nothing may follow after a mistake in a port: the status stays. */
static enum prov_status
fail(struct prov_run *run, enum prov_status status, enum prov_diag_code code, const char *subject)
{
    run->diag =
        (struct prov_diag){ .status = status, .code = code, .subject = prov_str_z(subject) };
    run->status = status;
    return status;
}

static enum prov_status
broke_contract(struct prov_run *run, const char *member)
{
    return fail(run, PROV_E_CALLBACK, PROV_D_CALLBACK, member);
}

/* ---- Those who look on ---- */

/* Tell whoever looks on. */
static void
show(const struct prov_run *run, struct prov_watch_event e)
{
    e.size = sizeof(e);
    if (run->watch.seen != NULL)
        run->watch.seen(run->watch.ctx, &e);
}

/* ---- What the session answers ---- */

/* A fatal status of the session. The session's own diagnostic says more than we could. */
static enum prov_status
session_failed(struct prov_run *run, enum prov_status status, const char *member)
{
    static const struct {
        enum prov_status status;
        enum prov_diag_code code;
    } rows[] = {
        { PROV_E_CALLBACK, PROV_D_CALLBACK },
        { PROV_E_ABI, PROV_D_ABI },
        { PROV_E_SPACE, PROV_D_NO_ARENA_SPACE },
        { PROV_E_MEMORY, PROV_D_NO_HEAP },
    };
    const struct prov_diags *d = prov_session_record(run->session)->diags;
    enum prov_diag_code code = PROV_D_BAD_ARGUMENT;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].status == status)
            code = rows[i].code;
    }
    fail(run, status, code, member);
    if (d != NULL && d->count > 0 && d->items[d->count - 1].status == status)
        run->diag = d->items[d->count - 1];
    return status;
}

static uint64_t
now(const struct prov_run *run)
{
    return run->clock_ops.monotonic_ms(run->clock_ctx);
}

/* A report to the session; PROV_E_STATE is the reporter's mistake and ends nothing. */
static enum prov_status
reported(struct prov_run *run, enum prov_status status, const char *member)
{
    const enum prov_status_class c = prov_status_class(status);

    if (status == PROV_E_STATE || status == PROV_E_ARG)
        return status;
    if (c == PROV_CLASS_CALLER || c == PROV_CLASS_SPACE)
        return session_failed(run, status, member);
    return status;
}

enum prov_status
prov_run_body(struct prov_run *run, uint32_t id, const void *bytes, size_t len)
{
    if (run == NULL)
        return PROV_E_ARG;
    if (run->status != PROV_OK)
        return run->status;

    const enum prov_status status = prov_session_body(run->session, id, bytes, len);

    show(run, (struct prov_watch_event){
                  .kind = PROV_WATCH_BODY, .id = id, .status = status, .bytes = { bytes, len } });
    return reported(run, status, "net.fetch");
}

enum prov_status
prov_run_done(struct prov_run *run, uint32_t id, const struct prov_fetch_result *result)
{
    if (run == NULL)
        return PROV_E_ARG;
    if (run->status != PROV_OK)
        return run->status;

    const uint64_t at = now(run);
    const enum prov_status status = prov_session_fetched(run->session, id, at, result);

    show(run, (struct prov_watch_event){ .kind = PROV_WATCH_FETCHED,
                                         .now_ms = at,
                                         .id = id,
                                         .status = status,
                                         .result = result });
    return reported(run, status, "net.fetch");
}

enum prov_status
prov_run_asked(struct prov_run *run, uint32_t id, enum prov_status status)
{
    if (run == NULL)
        return PROV_E_ARG;
    if (run->status != PROV_OK)
        return run->status;

    const uint64_t at = now(run);
    const enum prov_status answer = prov_session_asked(run->session, id, at, status);

    show(run, (struct prov_watch_event){ .kind = PROV_WATCH_ASKED,
                                         .now_ms = at,
                                         .id = id,
                                         .status = answer,
                                         .reported = status });
    return reported(run, answer, "net.ask");
}

/* A datagram that is lost on the way is nothing new to UDP: PROV_E_NETWORK ends nothing. */
static enum prov_status
send_one(struct prov_run *run, uint32_t id, const struct prov_endpoint *to, struct prov_str bytes)
{
    const enum prov_status status = run->net_ops.send(run->net_ctx, id, to, bytes.ptr, bytes.len);

    if (run->status == PROV_OK && status != PROV_OK && status != PROV_E_NETWORK)
        return broke_contract(run, "net.send");
    return run->status;
}

/* At once, for the next datagram may come before the next step. */
static enum prov_status
send_replies(struct prov_run *run, uint32_t id)
{
    enum prov_status status = PROV_OK;
    uint64_t at = now(run);
    struct prov_endpoint to;
    struct prov_str reply;

    while (status == PROV_OK && prov_session_reply(run->session, id, at, &to, &reply)) {
        show(run,
             (struct prov_watch_event){
                 .kind = PROV_WATCH_REPLY, .now_ms = at, .id = id, .peer = &to, .bytes = reply });
        status = send_one(run, id, &to, reply);
        at = now(run);
    }
    return status;
}

enum prov_status
prov_run_datagram(struct prov_run *run, uint32_t id, const struct prov_endpoint *from,
                  const void *bytes, size_t len)
{
    enum prov_status status;

    if (run == NULL)
        return PROV_E_ARG;
    if (run->status != PROV_OK)
        return run->status;

    const uint64_t at = now(run);

    status = prov_session_datagram(run->session, id, at, from, bytes, len);
    show(run, (struct prov_watch_event){ .kind = PROV_WATCH_DATAGRAM,
                                         .now_ms = at,
                                         .id = id,
                                         .status = status,
                                         .peer = from,
                                         .bytes = { bytes, len } });
    status = reported(run, status, "net.ask");
    return status == PROV_OK ? send_replies(run, id) : status;
}

enum prov_status
prov_run_notify(struct prov_run *run, const struct prov_endpoint *from, struct prov_str message,
                struct prov_buf *reply, struct prov_check_sync *seen)
{
    if (run == NULL)
        return PROV_E_ARG;
    if (run->status != PROV_OK)
        return run->status;

    const uint64_t at = now(run);
    const size_t mark = reply != NULL ? reply->len : 0;
    struct prov_check_sync told = { .answer = 0 };
    const enum prov_status status =
        prov_session_notify(run->session, at, from, message, reply, &told);
    struct prov_watch_event e = {
        .kind = PROV_WATCH_NOTIFY, .now_ms = at, .status = status, .peer = from, .bytes = message
    };

    if (reply != NULL)
        e.reply = prov_str_cut(prov_buf_str(reply), mark, reply->len);
    if (status == PROV_OK) {
        e.seen = &told;
        if (seen != NULL)
            *seen = told;
    }
    show(run, e);
    return status;
}

enum prov_status
prov_run_trigger(struct prov_run *run, const struct prov_trigger_event *event)
{
    if (run == NULL)
        return PROV_E_ARG;
    if (run->status != PROV_OK)
        return run->status;

    const uint64_t at = now(run);
    const enum prov_status status = prov_session_trigger(run->session, at, event);

    show(run, (struct prov_watch_event){
                  .kind = PROV_WATCH_TRIGGER, .now_ms = at, .status = status, .trigger = event });
    return status;
}

enum prov_status
prov_run_confirm(struct prov_run *run)
{
    if (run == NULL)
        return PROV_E_ARG;
    if (run->status != PROV_OK)
        return run->status;

    const uint64_t at = now(run);
    const enum prov_status status = prov_session_confirm(run->session, at);

    show(run,
         (struct prov_watch_event){ .kind = PROV_WATCH_CONFIRM, .now_ms = at, .status = status });
    return status;
}

/* ---- Actions ---- */

/* A report that comes too late is no mistake: the question may be cancelled by now. */
static enum prov_status
unless_late(enum prov_status status)
{
    return status == PROV_E_STATE ? PROV_OK : status;
}

static enum prov_status
do_fetch(struct prov_run *run, const struct prov_action *a)
{
    static const struct prov_fetch_result failed = { .size = sizeof(failed),
                                                     .status = PROV_E_NETWORK };
    const enum prov_status status = run->net_ops.fetch(run->net_ctx, a->id, &a->fetch, run);

    if (run->status != PROV_OK || status == PROV_OK)
        return run->status;
    if (status != PROV_E_NETWORK)
        return broke_contract(run, "net.fetch");
    /* It may be cancelled by now, if the port reported others' ends during the call. */
    return unless_late(prov_run_done(run, a->id, &failed));
}

/* The socket is open, or why not. */
static enum prov_status
tell_opened(struct prov_run *run, const struct prov_action *a, enum prov_status status,
            const struct prov_endpoint *local)
{
    const uint64_t at = now(run);
    const enum prov_status answer = prov_session_opened(run->session, a->id, at, status, local);

    show(run, (struct prov_watch_event){ .kind = PROV_WATCH_OPENED,
                                         .now_ms = at,
                                         .id = a->id,
                                         .status = answer,
                                         .reported = status,
                                         .peer = local });
    return unless_late(reported(run, answer, "net.ask"));
}

static enum prov_status
do_ask(struct prov_run *run, const struct prov_action *a)
{
    const bool pnp = a->ask.kind == PROV_ASK_PNP;
    struct prov_endpoint local = { .family = PROV_FAMILY_NONE };
    enum prov_status status = PROV_E_DENIED; /* the port does not ask at all */

    if (run->net_ops.ask != NULL) {
        status = run->net_ops.ask(run->net_ctx, a->id, &a->ask, &local, run);
        if (run->status != PROV_OK)
            return run->status;
        if (status != PROV_OK && status != PROV_E_NOT_FOUND && status != PROV_E_NETWORK)
            return broke_contract(run, "net.ask");
    }
    if (pnp)
        return tell_opened(run, a, status, &local);
    return status == PROV_OK ? PROV_OK : unless_late(prov_run_asked(run, a->id, status));
}

/* A load or a store has ended. */
static enum prov_status
tell_done(struct prov_run *run, uint32_t id, enum prov_status status, const char *member)
{
    const uint64_t at = now(run);
    const enum prov_status answer = prov_session_done(run->session, id, at, status);

    show(run, (struct prov_watch_event){ .kind = PROV_WATCH_DONE,
                                         .now_ms = at,
                                         .id = id,
                                         .status = answer,
                                         .reported = status });
    return reported(run, answer, member);
}

static enum prov_status
do_load(struct prov_run *run, const struct prov_action *a)
{
    const enum prov_status status = run->store_ops.load(run->store_ctx, a->id, a->item, run);

    if (status != PROV_OK && status != PROV_E_NOT_FOUND && status != PROV_E_STORAGE)
        return broke_contract(run, "store.load");
    return tell_done(run, a->id, status, "store.load");
}

/* One transaction, up to what makes it count. *member names the call that answered last. */
static enum prov_status
write_all(struct prov_run *run, uint32_t id, const char **member)
{
    const struct prov_store_ops *ops = &run->store_ops;
    enum prov_status status;
    enum prov_item item;
    struct prov_str piece;

    *member = "store.begin";
    status = ops->begin(run->store_ctx);
    while (status == PROV_OK && prov_session_output(run->session, &item, &piece)) {
        *member = "store.put";
        show(run, (struct prov_watch_event){
                      .kind = PROV_WATCH_PIECE, .id = id, .item = item, .bytes = piece });
        status = ops->put(run->store_ctx, item, piece.ptr, piece.len);
    }
    return status;
}

static enum prov_status
do_store(struct prov_run *run, const struct prov_action *a)
{
    const bool back = a->kind == PROV_DO_RESTORE;
    const char *member;
    enum prov_status status = write_all(run, a->id, &member);
    bool none = false; /* nothing to restore */

    if (status == PROV_OK) {
        member = back ? "store.restore" : "store.commit";
        status =
            back ? run->store_ops.restore(run->store_ctx) : run->store_ops.commit(run->store_ctx);
        none = back && status == PROV_E_NOT_FOUND;
    }
    if (status != PROV_OK)
        run->store_ops.rollback(run->store_ctx);
    if (status != PROV_OK && status != PROV_E_STORAGE && !none)
        return broke_contract(run, member);
    return tell_done(run, a->id, status, member);
}

/* What prov_run_step() says about waiting. */
static void
tell_wait(struct prov_run_state *state, uint64_t from, uint64_t until)
{
    const uint64_t left = until > from ? until - from : 0;

    state->waiting = true;
    state->wait_ms = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
}

/* Carry one action out; *more is false when nothing else can be started. */
static enum prov_status
act(struct prov_run *run, const struct prov_action *a, struct prov_run_state *state, bool *more)
{
    *more = true;
    switch (a->kind) {
    case PROV_DO_FETCH:
        return do_fetch(run, a);
    case PROV_DO_CANCEL:
        if (run->net_ops.cancel != NULL)
            run->net_ops.cancel(run->net_ctx, a->id);
        return run->status;
    case PROV_DO_LOAD:
        return do_load(run, a);
    case PROV_DO_STORE:
    case PROV_DO_RESTORE:
        return do_store(run, a);
    case PROV_DO_ASK:
        return do_ask(run, a);
    case PROV_DO_SEND:
        return send_one(run, a->id, &a->to, a->datagram);
    case PROV_DO_WAIT:
        tell_wait(state, now(run), a->until_ms);
        state->under_way = a->under_way;
        break;
    case PROV_DO_STOP:
        state->ended = true;
        break;
    case PROV_DO_NOTHING:
        break;
    }
    *more = false;
    return run->status;
}

/* DSC-6. A port without a wall clock leaves it unknown. */
static void
tell_clock(struct prov_run *run)
{
    struct prov_wall_time wall = { .state = PROV_CLOCK_UNKNOWN };

    if (run->clock_ops.wall == NULL)
        return;
    run->clock_ops.wall(run->clock_ctx, &wall);
    prov_session_clock(run->session, &wall);
    show(run, (struct prov_watch_event){ .kind = PROV_WATCH_CLOCK, .wall = &wall });
}

static enum prov_status
step(struct prov_run *run, struct prov_run_state *state)
{
    struct prov_action a;
    bool more = true;

    tell_clock(run);
    while (more) {
        const uint64_t at = now(run);
        enum prov_status status = prov_session_next(run->session, at, &a);

        show(run, (struct prov_watch_event){ .kind = PROV_WATCH_ACTION,
                                             .now_ms = at,
                                             .status = status,
                                             .id = status == PROV_OK ? a.id : 0,
                                             .action = status == PROV_OK ? &a : NULL });
        if (status != PROV_OK)
            return session_failed(run, status, "check.section");
        status = act(run, &a, state, &more);
        if (status != PROV_OK)
            return status;
    }
    return PROV_OK;
}

enum prov_status
prov_run_step(struct prov_run *run, struct prov_run_state *state)
{
    struct prov_run_state now_state = { .ended = false };
    enum prov_status status;

    if (run == NULL || state == NULL)
        return PROV_E_ARG;
    if (run->status != PROV_OK)
        return run->status;
    if (run->busy)
        return PROV_E_STATE;
    run->busy = true;
    status = step(run, &now_state);
    run->busy = false;
    if (status == PROV_OK)
        *state = now_state;
    return status;
}

/* ---- The loop ---- */

static enum prov_status
wait_network(struct prov_run *run, uint32_t ms)
{
    enum prov_status status;

    /* A blocking port has reported the end of every fetch when its fetch returns. */
    if (run->net_ops.wait == NULL)
        return broke_contract(run, "net.fetch");
    run->busy = true;
    status = run->net_ops.wait(run->net_ctx, ms < WAIT_SLICE_MS ? ms : WAIT_SLICE_MS, run);
    run->busy = false;
    if (run->status != PROV_OK || status == PROV_OK)
        return run->status;
    if (status != PROV_E_NETWORK)
        return broke_contract(run, "net.wait");
    return fail(run, PROV_E_NETWORK, PROV_D_NET_FAILED, "net.wait");
}

static enum prov_status
sleep_slice(struct prov_run *run, uint32_t ms)
{
    run->busy = true;
    run->clock_ops.sleep(run->clock_ctx, ms < SLEEP_SLICE_MS ? ms : SLEEP_SLICE_MS);
    run->busy = false;
    return run->status;
}

/* Until something makes progress, or the time is over. */
static enum prov_status
pause(struct prov_run *run, const struct prov_run_state *state)
{
    if (!state->waiting)
        return wait_network(run, WAIT_SLICE_MS);
    if (state->under_way && run->net_ops.wait != NULL)
        return wait_network(run, state->wait_ms);
    return sleep_slice(run, state->wait_ms);
}

enum prov_status
prov_run_loop(struct prov_run *run)
{
    struct prov_run_state state = { .ended = false };
    enum prov_status status;

    if (run == NULL)
        return PROV_E_ARG;
    if (run->status == PROV_OK && !run->busy && run->clock_ops.sleep == NULL)
        return fail(run, PROV_E_ABI, PROV_D_ABI, "clock.sleep");
    status = prov_run_step(run, &state);
    while (status == PROV_OK && !state.ended) {
        status = pause(run, &state);
        if (status == PROV_OK)
            status = prov_run_step(run, &state);
    }
    return status;
}

const struct prov_diag *
prov_run_diag(const struct prov_run *run)
{
    static const struct prov_diag none = { .code = PROV_D_NONE };

    return run != NULL ? &run->diag : &none;
}
