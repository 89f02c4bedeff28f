/* SPDX-License-Identifier: MIT */
#include <prov/status.h>

enum prov_status_class
prov_status_class(enum prov_status status)
{
    /* Only vendor code answers what is not in the enum: whatever its nibble says, mend it. */
    if (prov_status_name(status)[0] == '?')
        return PROV_CLASS_CALLER;
    return (enum prov_status_class)((unsigned)status >> 4);
}

#define NAME(status) \
    case status: \
        return #status

const char *
prov_status_name(enum prov_status status)
{
    switch (status) {
        NAME(PROV_OK);
        NAME(PROV_E_ARG);
        NAME(PROV_E_STATE);
        NAME(PROV_E_ABI);
        NAME(PROV_E_CALLBACK);
        NAME(PROV_E_SPACE);
        NAME(PROV_E_MEMORY);
        NAME(PROV_E_SYNTAX);
        NAME(PROV_E_TYPE);
        NAME(PROV_E_INVALID);
        NAME(PROV_E_LIMIT);
        NAME(PROV_E_NO_MATCH);
        NAME(PROV_E_AMBIGUOUS);
        NAME(PROV_E_DENIED);
        NAME(PROV_E_NETWORK);
        NAME(PROV_E_NOT_FOUND);
        NAME(PROV_E_TIMEOUT);
        NAME(PROV_E_STORAGE);
        NAME(PROV_E_CANCELLED);
    }
    return "?";
}
