/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "commands.h"
#include "interface.h"
#include "lab_file.h"
#include "pnp_server.h"
#include "report.h"
#include "signals.h"
#include "sip_show.h"

struct serve {
    const struct command *command;
    struct report report;
    const char *folder;
    const char *port_option;
    const char *address; /* to listen on */
    char *root;          /* the folder, resolved */
    char port[8];        /* bound */
    int socket;

    bool pnp;
    const char *interface, *pnp_option, *group_option;
    struct words phones;  /* to be sent a check-sync */
    const char *sync_url; /* in it */
    struct prov_endpoint group;
    struct text pnp_url;     /* what SUBSCRIBEs are answered with */
    struct text own_address; /* of the interface, if it is needed */
    struct pnp_server subscribers;
};

/* ---- the access log ---- */

static const char *
header(struct MHD_Connection *connection, const char *name)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

    return value != NULL ? value : "-";
}

static void
add_client(struct text *t, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *sa = info != NULL ? info->client_addr : NULL;
    char host[64];
    const bool v6 = sa != NULL && sa->sa_family == AF_INET6;
    const size_t len = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

    if (sa != NULL &&
        getnameinfo(sa, (socklen_t)len, host, sizeof(host), NULL, 0, NI_NUMERICHOST) == 0)
        text_add_z(t, host);
    else
        text_add_z(t, "-");
}

/* Time, client, method, target, status, bytes, User-Agent. Never the Authorization header. */
static void
log_access(struct MHD_Connection *connection, const char *method, const char *target,
           unsigned status, uint64_t bytes)
{
    struct text t = { 0 };
    char now[32];
    const time_t clock = time(NULL);
    struct tm tm;

    strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&clock, &tm));
    text_addf(&t, "%s ", now);
    add_client(&t, connection);
    text_add_z(&t, " ");
    text_add_shown(&t, prov_str_z(method));
    text_add_z(&t, " ");
    text_add_operand(&t, prov_str_z(target));
    text_addf(&t, " %u %llu \"", status, (unsigned long long)bytes);
    text_add_operand(&t, prov_str_z(header(connection, "User-Agent")));
    text_add_z(&t, "\"");
    puts(t.ptr);
    fflush(stdout);
    text_free(&t);
}

/* ---- answers ---- */

static void
add_headers(struct MHD_Response *response, const struct lab_file *file, unsigned status)
{
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    if (status == MHD_HTTP_OK || status == MHD_HTTP_NOT_MODIFIED) {
        MHD_add_response_header(response, "ETag", file->etag);
        MHD_add_response_header(response, "Last-Modified", file->modified);
    }
    MHD_add_response_header(response, "Content-Type",
                            status == MHD_HTTP_OK ? file->type : "text/plain");
}

static const char *
short_body(unsigned status)
{
    switch (status) {
    case MHD_HTTP_NOT_MODIFIED:
        return "";
    case MHD_HTTP_BAD_REQUEST:
        return "bad request\n";
    case MHD_HTTP_FORBIDDEN:
        return "forbidden\n";
    case MHD_HTTP_METHOD_NOT_ALLOWED:
        return "only GET and HEAD\n";
    default:
        return "not found\n";
    }
}

static struct MHD_Response *
make_response(struct lab_file *file, unsigned status)
{
    struct MHD_Response *response;

    if (status == MHD_HTTP_OK) {
        response = MHD_create_response_from_fd64(file->size, file->fd);
        if (response != NULL)
            file->fd = -1; /* the response closes it */
    } else {
        const char *body = short_body(status);

        union {
            const char *in;
            void *out; /* the library takes a pointer to what it will only read */
        } p = { .in = body };

        response = MHD_create_response_from_buffer(strlen(body), p.out, MHD_RESPMEM_PERSISTENT);
    }
    if (response != NULL)
        add_headers(response, file, status);
    return response;
}

static unsigned
decide(const struct serve *s, struct MHD_Connection *connection, const char *url,
       const char *method, struct lab_file *file)
{
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    const unsigned status = lab_file_open(s->root, url, file);

    if (status != MHD_HTTP_OK)
        return status;
    const bool same = lab_file_is_known(
        file, MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match"),
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-Modified-Since"));

    return same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
}

/* Called when the header is there, and again for a body; the answer does not wait for a body. */
static enum MHD_Result
answer(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *body, size_t *body_bytes, void **state)
{
    const struct serve *s = ctx;
    const char *target = *state;
    struct lab_file file = { .fd = -1 };
    const unsigned status = decide(s, connection, url, method, &file);
    struct MHD_Response *response = make_response(&file, status);
    enum MHD_Result result = MHD_NO;

    (void)version;
    (void)body;
    *body_bytes = 0;
    if (response != NULL) {
        const bool silent = strcmp(method, "HEAD") == 0 || status == MHD_HTTP_NOT_MODIFIED;

        log_access(connection, method, target != NULL ? target : url, status,
                   silent                  ? 0
                   : status == MHD_HTTP_OK ? file.size
                                           : strlen(short_body(status)));
        result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
    }
    lab_file_close(&file);
    return result;
}

/* The target as it came, with its query, for the log. Freed by forget_target(). */
static void *
remember_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    const size_t n = strlen(target) + 1;
    char *copy = malloc(n);

    (void)ctx;
    (void)connection;
    return copy != NULL ? memcpy(copy, target, n) : NULL;
}

static void
forget_target(void *ctx, struct MHD_Connection *connection, void **state,
              enum MHD_RequestTerminationCode why)
{
    (void)ctx;
    (void)connection;
    (void)why;
    free(*state);
    *state = NULL;
}

/* Left as it is: a %00 would cut the path short before it is looked at. */
static size_t
keep_escapes(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx;
    (void)connection;
    return strlen(text);
}

/* ---- the socket ---- */

static struct addrinfo *
look_up(const char *address, const char *port)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *found = NULL;

    return getaddrinfo(address, port, &hints, &found) == 0 ? found : NULL;
}

/* A socket of its own, so that errno tells why it did not work. */
static int
listen_on(const struct addrinfo *ai)
{
    const int fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
    const int on = 1;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, 64) == 0)
        return fd;
    const int why = errno;

    close(fd);
    errno = why;
    return -1;
}

static void
read_port(struct serve *s)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof(sa);

    if (getsockname(s->socket, (struct sockaddr *)&sa, &len) != 0 ||
        getnameinfo((struct sockaddr *)&sa, len, NULL, 0, s->port, sizeof(s->port),
                    NI_NUMERICSERV) != 0)
        snprintf(s->port, sizeof(s->port), "?");
}

static int
open_socket(struct serve *s)
{
    struct addrinfo *ai = look_up(s->address, s->port);
    char place[96];

    if (ai == NULL)
        return tool_usage(s->command, "--listen needs an IPv4 or IPv6 address of this machine");
    s->socket = listen_on(ai);
    const int why = errno;

    freeaddrinfo(ai);
    snprintf(place, sizeof(place), "%s:%s", s->address, s->port);
    if (s->socket < 0) {
        report_tool(&s->report, PROV_D_TOOL_LISTEN, prov_str_z(place), strerror(why), 0);
        return TOOL_OUTSIDE;
    }
    read_port(s);
    return TOOL_GO_ON;
}

/* ---- the command ---- */

static struct MHD_Daemon *
start(struct serve *s)
{
    const struct MHD_OptionItem options[] = {
        { MHD_OPTION_LISTEN_SOCKET, s->socket, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, 30, NULL },
        { MHD_OPTION_END, 0, NULL },
    };

    return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, 0, NULL, NULL, answer,
                            s, MHD_OPTION_ARRAY, options, MHD_OPTION_URI_LOG_CALLBACK,
                            remember_target, NULL, MHD_OPTION_NOTIFY_COMPLETED, forget_target, NULL,
                            MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_END);
}

static void
announce(const struct serve *s)
{
    const bool v6 = strchr(s->address, ':') != NULL;
    struct text folder = { 0 };

    text_add_operand(&folder, prov_str_z(s->folder));
    printf("serving %s on http://%s%s%s:%s/\n", folder.ptr, v6 ? "[" : "", s->address,
           v6 ? "]" : "", s->port);
    fflush(stdout);
    text_free(&folder);
}

/* ---- PnP ---- */

/* An address that stands for all of this machine is none that a phone could fetch from. */
static bool
is_any(const char *address)
{
    struct prov_endpoint e;
    const struct prov_endpoint none = { .port = 0 };

    return prov_endpoint_parse(prov_str_z(address), &e) == PROV_OK &&
           memcmp(e.addr, none.addr, sizeof(e.addr)) == 0;
}

/* Where files are served if nothing is said: where phones are answered, so that they can reach it. */
static int
find_address(struct serve *s)
{
    if (!s->pnp && s->address == NULL)
        s->address = "127.0.0.1";
    if (!s->pnp || (s->address != NULL && !is_any(s->address)))
        return TOOL_GO_ON;
    const int code = interface_address(s->interface, s->group.family, &s->own_address, &s->report);

    if (code == TOOL_GO_ON && s->address == NULL)
        s->address = s->own_address.ptr;
    return code;
}

/* A path is one of this server; an address may lead anywhere. */
static void
make_pnp_url(struct serve *s)
{
    const char *host = s->own_address.len > 0 ? s->own_address.ptr : s->address;
    const bool v6 = strchr(host, ':') != NULL;
    const char *path = s->pnp_option;

    if (strstr(path, "://") != NULL) {
        text_add_z(&s->pnp_url, path);
        return;
    }
    text_addf(&s->pnp_url, "http://%s%s%s:%s/%s", v6 ? "[" : "", host, v6 ? "]" : "", s->port,
              path + (path[0] == '/'));
}

static int
open_pnp(struct serve *s)
{
    if (!s->pnp)
        return TOOL_GO_ON;
    make_pnp_url(s);
    return pnp_server_open(&s->subscribers, s->interface, &s->group, s->pnp_url.ptr, &s->report);
}

static void
announce_pnp(const struct serve *s)
{
    struct text t = { 0 };

    text_add_z(&t, "answering SIP PnP to ");
    sip_show_endpoint(&t, &s->group);
    text_addf(&t, " on %s with ", s->interface);
    text_add_operand(&t, text_str(&s->pnp_url));
    puts(t.ptr);
    fflush(stdout);
    text_free(&t);
}

/* To each phone that was named. The port is that of SIP, unless given. */
static void
send_check_sync(struct serve *s)
{
    for (size_t i = 0; i < s->phones.count; i++) {
        struct prov_endpoint phone;

        if (prov_endpoint_parse(prov_str_z(s->phones.items[i]), &phone) != PROV_OK)
            continue; /* was looked at before */
        phone.port = phone.port != 0 ? phone.port : 5060;
        pnp_server_check_sync(&s->subscribers, &phone, s->sync_url);
    }
}

static int
pnp_loop(struct serve *s)
{
    int code = TOOL_DONE;

    send_check_sync(s);
    while (!signals_stop && code == TOOL_DONE) {
        if (!pnp_server_turn(&s->subscribers, SIGNALS_LOOK_MS)) {
            report_tool(&s->report, PROV_D_TOOL_NETWORK, prov_str_z(s->interface), "", 0);
            code = TOOL_OUTSIDE;
        }
        if (signals_again) {
            signals_again = 0;
            send_check_sync(s);
        }
    }
    return code;
}

/* ---- until a signal ---- */

static int
serve_until_signal(struct serve *s)
{
    int code = TOOL_DONE;

    signals_catch();
    announce(s);
    if (s->pnp)
        announce_pnp(s);
    struct MHD_Daemon *daemon = start(s);

    if (daemon == NULL) {
        report_tool(&s->report, PROV_D_TOOL_SERVER, (struct prov_str){ NULL, 0 }, "", 0);
        close(s->socket);
        return TOOL_OUTSIDE;
    }
    if (s->pnp)
        code = pnp_loop(s);
    else
        signals_wait();
    MHD_stop_daemon(daemon);
    return code;
}

static int
serve(struct serve *s)
{
    report_init(&s->report, false);
    s->root = lab_folder(s->folder);
    if (s->root == NULL) {
        report_tool(&s->report, PROV_D_TOOL_SERVE_FOLDER, prov_str_z(s->folder), strerror(errno),
                    0);
        return report_end(&s->report, TOOL_OUTSIDE);
    }
    int code = find_address(s);

    if (code == TOOL_GO_ON)
        code = open_socket(s);
    if (code == TOOL_GO_ON)
        code = open_pnp(s);
    if (code == TOOL_GO_ON)
        code = serve_until_signal(s);
    if (s->pnp)
        pnp_server_close(&s->subscribers);
    text_free(&s->pnp_url);
    text_free(&s->own_address);
    free(s->root);
    return report_end(&s->report, code);
}

static int
check_pnp(struct serve *s)
{
    if (!s->pnp && (s->interface != NULL || s->phones.count > 0 || s->pnp_option != NULL ||
                    s->group_option != NULL || s->sync_url != NULL))
        return tool_usage(s->command, "--interface, --group, --pnp-url, --check-sync and "
                                      "--check-sync-url go with --pnp");
    if (s->sync_url != NULL && s->phones.count == 0)
        return tool_usage(s->command, "--check-sync-url goes with --check-sync");
    if (s->pnp_option == NULL)
        s->pnp_option = "/";
    if (s->group_option == NULL)
        s->group_option = INTERFACE_GROUP;
    if (s->interface == NULL)
        s->interface = "lo";
    if (!interface_group(s->group_option, &s->group))
        return tool_usage(s->command, "--group needs ADDRESS:PORT of a multicast group");
    for (size_t i = 0; i < s->phones.count; i++) {
        struct prov_endpoint phone;

        if (prov_endpoint_parse(prov_str_z(s->phones.items[i]), &phone) != PROV_OK)
            return tool_usage(s->command, "--check-sync needs an IP address, with or without port");
    }
    return TOOL_GO_ON;
}

static int
check_usage(struct serve *s, const struct command_line *line)
{
    unsigned long port;

    if (!tool_number(s->port_option, 0, 65535, &port))
        return tool_usage(s->command, "--port needs a number from 0 to 65535");
    if (line->operand_count != 1)
        return tool_usage(s->command, "exactly one folder is needed");
    snprintf(s->port, sizeof(s->port), "%lu", port);
    s->folder = line->operands[0];
    return check_pnp(s);
}

int
command_serve(const struct command *self, int argc, char **argv)
{
    struct serve s = { .command = self, .port_option = "8080" };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "port",
          .value = "N",
          .text = &s.port_option,
          .help = "port (8080); 0 takes any free one" },
        { .name = "listen",
          .value = "ADDRESS",
          .text = &s.address,
          .help = "address of this machine (127.0.0.1; with --pnp that of the interface)" },
        { .name = "pnp", .flag = &s.pnp, .help = "answer SIP PnP too" },
        { .name = "pnp-url",
          .value = "URL",
          .text = &s.pnp_option,
          .help = "what phones are told: a path of this server or an address, with markers (/)" },
        { .name = "interface",
          .value = "IF",
          .text = &s.interface,
          .help = "where phones are answered (lo)" },
        { .name = "group",
          .value = "ADDRESS:PORT",
          .text = &s.group_option,
          .help = "multicast group (" INTERFACE_GROUP ")" },
        { .name = "check-sync",
          .value = "PHONE",
          .list = &s.phones,
          .help = "send a check-sync to ADDRESS[:PORT], now and on SIGUSR1; may be repeated" },
        { .name = "check-sync-url",
          .value = "URL",
          .text = &s.sync_url,
          .help = "address in the check-sync" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = check_usage(&s, &line);
    if (code == TOOL_GO_ON)
        code = serve(&s);
    free(line.operands);
    return code;
}
