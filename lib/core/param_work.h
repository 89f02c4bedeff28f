/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_PARAM_WORK_H
#define PROV_CORE_PARAM_WORK_H

/* What the files of the modules param and layer share. */

#include <prov/param.h>

/* One reading. */
struct prov_param_job {
    const struct prov_param_rules *rules;
    struct prov_str source;
    struct prov_arena *arena;
    struct prov_diags *diags;
    struct prov_param *items; /* NULL: they are counted only */
    uint32_t count;
};

/* Gives the status back. */
enum prov_status prov_param_report(const struct prov_param_job *j, const struct prov_diag *diag);

/* Sort what was read, leave out what does not count, and hand it over. */
void prov_param_finish(struct prov_param_job *j, struct prov_params *out);

/* By line number, then by name: below 0, 0, above 0. */
int prov_param_order(struct prov_str a, uint32_t a_index, struct prov_str b, uint32_t b_index);

/* Where a list that is sorted by prov_param_order() has this name and number; `count` if nowhere.
 * Every entry has `size` bytes; `key_of` gives an entry's own name and number. */
struct prov_param_key {
    struct prov_str name;
    uint32_t index;
};
uint32_t prov_param_search(const void *list, uint32_t count, size_t size,
                           struct prov_param_key (*key_of)(const void *entry),
                           struct prov_param_key key);

/* Heap sort: no recursion, no memory, n log n at worst. `comes_after` is a strict order. */
struct prov_param_sorter {
    void *items;
    const void *rules; /* whatever comes_after needs to know */
    bool (*comes_after)(const struct prov_param_sorter *s, size_t a, size_t b);
    void (*swap)(const struct prov_param_sorter *s, size_t a, size_t b);
};
void prov_param_sort(const struct prov_param_sorter *s, size_t count);

#endif /* PROV_CORE_PARAM_WORK_H */
