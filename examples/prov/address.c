/* SPDX-License-Identifier: MIT */
#include "address.h"

#include <stdio.h>

enum prov_status
address_expand(const struct device *device, struct prov_str url, enum prov_macro_enc enc,
               struct text *out, struct report *r)
{
    struct prov_diag diag = { 0 };
    struct text source = { 0 };
    size_t room = url.len + 256;
    enum prov_status status;

    do {
        text_reserve(out, room);
        struct prov_buf buf = { out->ptr + out->len, room, 0 };

        status = prov_macro_expand(url, &device->markers.set, enc, &buf, &diag);
        if (status == PROV_OK)
            out->len += buf.len;
        out->ptr[out->len] = '\0';
        room = diag.need;
    } while (status == PROV_E_SPACE);
    if (status == PROV_OK)
        return status;
    text_add_redacted(&source, url);
    diag.source = text_str(&source);
    report_diag(r, &diag);
    text_free(&source);
    return status;
}

void
address_print(struct prov_str url, json_t *urls)
{
    struct text hidden = { 0 }, shown = { 0 };

    text_add_redacted(&hidden, url);
    if (urls != NULL) {
        json_array_append_new(urls, report_string(text_str(&hidden)));
    } else {
        text_add_shown(&shown, text_str(&hidden));
        text_add_z(&shown, "");
        puts(shown.ptr);
    }
    text_free(&hidden);
    text_free(&shown);
}
