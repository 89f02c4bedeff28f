/* SPDX-License-Identifier: MIT */

/*
 * Example 4: a client with an event loop of its own. One poll() waits for the network of libprov
 * and for whatever else the program does; several files are fetched at the same time.
 *
 * usage: 04_event_loop FOLDER URL
 */

#include <prov/adapters/curl.h>
#include <prov/adapters/posix.h>
#include <prov/prov.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define FDS 32

/* Wait until the network has news, or for the time given. The phone's own sockets go in here too. */
static void
wait_for_news(struct prov_curl *curl, uint32_t most_ms)
{
    struct prov_curl_fd wanted[FDS];
    struct pollfd fds[FDS];
    size_t count = 0;
    uint32_t ms = 0;

    if (prov_curl_watch(curl, wanted, FDS, &count, &ms) != PROV_OK)
        ms = 10; /* more sockets than we watch: look often instead */
    if (count > FDS)
        count = FDS;
    for (size_t i = 0; i < count; i++) {
        const int events = (wanted[i].read ? POLLIN : 0) | (wanted[i].write ? POLLOUT : 0);

        fds[i] = (struct pollfd){ .fd = wanted[i].fd, .events = (short)events };
    }
    (void)poll(fds, (nfds_t)count, (int)(ms < most_ms ? ms : most_ms));
}

/* False if the session itself failed; how the run ended stands in its record. */
static bool
event_loop(struct prov_run *run, struct prov_curl *curl)
{
    const struct prov_net net = prov_curl_net(curl);
    struct prov_run_state state = { 0 };

    while (prov_run_step(run, &state) == PROV_OK) {
        if (state.ended)
            return true;
        wait_for_news(curl, state.waiting ? state.wait_ms : 1000);
        if (net.ops->wait(net.ctx, 0, run) != PROV_OK)
            return false;
    }
    return false;
}

static int
provision(struct prov_session *s, struct prov_posix_store *folder, struct prov_curl *curl)
{
    const struct prov_net net = prov_curl_net(curl);
    const struct prov_store store = prov_posix_store_table(folder);
    const struct prov_clock clock = prov_posix_clock();
    struct prov_run run;

    if (prov_run_init(&run, s, &net, &store, &clock, NULL) != PROV_OK || !event_loop(&run, curl))
        return 1;
    printf("outcome: %s\n", prov_outcome_name(prov_session_record(s)->outcome));
    return prov_session_record(s)->outcome <= PROV_OUTCOME_UNCHANGED ? 0 : 1;
}

int
main(int argc, char **argv)
{
    const struct prov_identity id = { .size = sizeof(id), .mac = PROV_STR_INIT("00095200000E") };
    struct prov_session_config config = { .size = sizeof(config), .identity = &id, .attempts = 2 };
    struct prov_posix_store *folder = NULL;
    struct prov_curl *curl = NULL;
    struct prov_session *s;
    size_t bytes = 0;
    void *memory = NULL;
    int rc = 1;

    config.dialect = prov_dialect_find(prov_str_z("auerswald-d"));
    config.url = prov_str_z(argc == 3 ? argv[2] : NULL);
    if (argc == 3 && prov_session_memory(NULL, &bytes) == PROV_OK &&
        (memory = malloc(bytes)) != NULL && prov_posix_seed(&config.seed) == PROV_OK &&
        prov_session_init(&s, memory, bytes, &config, NULL) == PROV_OK &&
        prov_posix_store_open(&folder, argv[1]) == PROV_OK && prov_curl_new(&curl, NULL) == PROV_OK)
        rc = provision(s, folder, curl);
    prov_curl_free(&curl);
    prov_posix_store_close(&folder);
    free(memory);
    return rc;
}
