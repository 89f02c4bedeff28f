/* SPDX-License-Identifier: MIT */
/*
 * usage: lease FORM V6 FILE [INTERFACE]
 *
 * Prints the options of a lease file in hexadecimal, or the status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prov/adapters/lease.h>
#include <prov/status.h>

static uint8_t space[PROV_LEASE_OUT_BYTES];

static enum prov_lease_form
form_of(const char *name)
{
    static const char *const names[] = { "auto", "udhcpc", "dhclient", "dhcpcd", "networkd" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0)
            return (enum prov_lease_form)i;
    }
    fprintf(stderr, "no such form: %s\n", name);
    exit(2);
}

int
main(int argc, char **argv)
{
    struct prov_buf out = { .ptr = (char *)space, .cap = sizeof(space) };
    uint32_t line = 0;

    if (argc < 4)
        return 2;
    const struct prov_lease_query query = {
        .size = sizeof(query),
        .form = form_of(argv[1]),
        .v6 = strcmp(argv[2], "6") == 0,
        .interface = argc > 4 ? argv[4] : NULL,
    };
    const enum prov_status status = prov_lease_load(&query, argv[3], &out, &line);

    if (status != PROV_OK) {
        printf("%s line %u\n", prov_status_name(status), (unsigned)line);
        return 1;
    }
    for (size_t i = 0; i < out.len; i++)
        printf("%02x", space[i]);
    printf("\n");
    return 0;
}
