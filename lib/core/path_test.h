/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_PATH_TEST_H
#define PROV_CORE_PATH_TEST_H

#include <prov/path.h>

/* An element passes a predicate. nth: its number, from 1, among those that came to this test. */
bool prov_path_test_holds(const struct prov_xml *x, uint32_t node,
                          const struct prov_path_predicate *p, uint32_t nth);

#endif /* PROV_CORE_PATH_TEST_H */
