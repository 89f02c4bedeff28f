/* SPDX-License-Identifier: MIT */

/* prov_run_init(): three tables of callbacks, each in its own version. */

#include <prov/abi.h>
#include <prov/run.h>

static enum prov_status
refuse(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code,
       const char *subject)
{
    if (diag != NULL)
        *diag =
            (struct prov_diag){ .status = status, .code = code, .subject = prov_str_z(subject) };
    return status;
}

/* A table that ends before its last REQUIRED member, or with members that are not known here. */
static const char *
import_tables(struct prov_run *run, const struct prov_net *net, const struct prov_store *store,
              const struct prov_clock *clock)
{
    if (prov_abi_import(&run->net_ops, sizeof(run->net_ops), net->ops, sizeof(size_t)) != PROV_OK)
        return "net.size";
    if (prov_abi_import(&run->store_ops, sizeof(run->store_ops), store->ops, sizeof(size_t)) !=
        PROV_OK)
        return "store.size";
    if (prov_abi_import(&run->clock_ops, sizeof(run->clock_ops), clock->ops, sizeof(size_t)) !=
        PROV_OK)
        return "clock.size";
    return NULL;
}

/* A member beyond the end of a caller's shorter table is missing as well. */
static const char *
missing_member(const struct prov_run *run)
{
    const struct {
        bool there;
        const char *name;
    } rows[] = {
        { run->net_ops.fetch != NULL, "net.fetch" },
        { run->net_ops.cancel != NULL || (run->net_ops.wait == NULL && run->net_ops.ask == NULL),
          "net.cancel" },
        { run->net_ops.send != NULL || run->net_ops.ask == NULL, "net.send" },
        { run->store_ops.load != NULL, "store.load" },
        { run->store_ops.begin != NULL, "store.begin" },
        { run->store_ops.put != NULL, "store.put" },
        { run->store_ops.commit != NULL, "store.commit" },
        { run->store_ops.rollback != NULL, "store.rollback" },
        { run->store_ops.restore != NULL || !prov_session_restores(run->session), "store.restore" },
        { run->clock_ops.monotonic_ms != NULL, "clock.monotonic_ms" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].there)
            return rows[i].name;
    }
    return NULL;
}

enum prov_status
prov_run_init(struct prov_run *run, struct prov_session *session, const struct prov_net *net,
              const struct prov_store *store, const struct prov_clock *clock,
              struct prov_diag *diag)
{
    struct prov_run r = { .session = session };
    const char *wrong;

    if (run == NULL || session == NULL || net == NULL || store == NULL || clock == NULL ||
        net->ops == NULL || store->ops == NULL || clock->ops == NULL)
        return refuse(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "");
    wrong = import_tables(&r, net, store, clock);
    if (wrong == NULL)
        wrong = missing_member(&r);
    if (wrong != NULL)
        return refuse(diag, PROV_E_ABI, PROV_D_ABI, wrong);
    r.net_ctx = net->ctx;
    r.store_ctx = store->ctx;
    r.clock_ctx = clock->ctx;
    *run = r;
    return PROV_OK;
}

void
prov_run_watch(struct prov_run *run, const struct prov_watch *watch)
{
    static const struct prov_watch nobody = { NULL, NULL };

    if (run != NULL)
        run->watch = watch != NULL ? *watch : nobody;
}
