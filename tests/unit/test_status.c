/* SPDX-License-Identifier: MIT */
#include <prov/status.h>

#include "support/prov_cmocka.h"

#define ROW(status, class) \
    { \
        status, #status, class \
    }

static const struct row {
    enum prov_status status;
    const char *name;
    enum prov_status_class class;
} rows[] = {
    ROW(PROV_OK, PROV_CLASS_OK),
    ROW(PROV_E_ARG, PROV_CLASS_CALLER),
    ROW(PROV_E_STATE, PROV_CLASS_CALLER),
    ROW(PROV_E_ABI, PROV_CLASS_CALLER),
    ROW(PROV_E_CALLBACK, PROV_CLASS_CALLER),
    ROW(PROV_E_SPACE, PROV_CLASS_SPACE),
    ROW(PROV_E_MEMORY, PROV_CLASS_SPACE),
    ROW(PROV_E_SYNTAX, PROV_CLASS_INPUT),
    ROW(PROV_E_TYPE, PROV_CLASS_INPUT),
    ROW(PROV_E_INVALID, PROV_CLASS_INPUT),
    ROW(PROV_E_LIMIT, PROV_CLASS_INPUT),
    ROW(PROV_E_NO_MATCH, PROV_CLASS_INPUT),
    ROW(PROV_E_AMBIGUOUS, PROV_CLASS_INPUT),
    ROW(PROV_E_DENIED, PROV_CLASS_POLICY),
    ROW(PROV_E_NETWORK, PROV_CLASS_OUTSIDE),
    ROW(PROV_E_NOT_FOUND, PROV_CLASS_OUTSIDE),
    ROW(PROV_E_TIMEOUT, PROV_CLASS_OUTSIDE),
    ROW(PROV_E_STORAGE, PROV_CLASS_OUTSIDE),
    ROW(PROV_E_CANCELLED, PROV_CLASS_OUTSIDE),
};

static const struct row *
find(unsigned value)
{
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        if ((unsigned)rows[i].status == value)
            return &rows[i];
    }
    return NULL;
}

/* All values of two bytes, so that a status without a row would be noticed too. */
static void
names_and_groups_every_value(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0xFFFF; value++) {
        const struct row *r = find(value);
        const enum prov_status status = (enum prov_status)value;

        assert_string_equal(r != NULL ? r->name : "?", prov_status_name(status));
        assert_int_equal(r != NULL ? r->class : PROV_CLASS_CALLER, prov_status_class(status));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_groups_every_value),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
