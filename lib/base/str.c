/* SPDX-License-Identifier: MIT */
#include <prov/str.h>

#include "base/str.h"

bool
prov_str_eq_nocase(struct prov_str a, struct prov_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (prov_lower(a.ptr[i]) != prov_lower(b.ptr[i]))
            return false;
    }
    return true;
}

struct prov_str
prov_str_trim(struct prov_str s)
{
    size_t from = 0, to = s.len;

    while (from < to && prov_is_blank(s.ptr[from]))
        from++;
    while (to > from && prov_is_blank(s.ptr[to - 1]))
        to--;
    return prov_str_cut(s, from, to);
}
