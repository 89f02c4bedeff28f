/* SPDX-License-Identifier: MIT */

/* Prints the difference of two files as `prov run` does; with --mask the first file, masked. */

#include <stdio.h>
#include <string.h>

#include "diff.h"
#include "file.h"
#include "mask.h"

int
main(int argc, char **argv)
{
    struct text a = { 0 }, b = { 0 }, masked = { 0 };

    if (argc != 3)
        return 2;
    file_read_quietly(argv[2], &b);
    if (strcmp(argv[1], "--mask") == 0) {
        mask_document(text_str(&b), &masked);
        text_add_z(&masked, "");
        fwrite(masked.ptr, 1, masked.len, stdout);
    } else {
        file_read_quietly(argv[1], &a);
        const struct diff_text before = { "before", text_str(&a), text_str(&a) };
        const struct diff_text after = { "after", text_str(&b), text_str(&b) };

        if (!diff_print(stdout, &before, &after))
            puts("too different");
    }
    text_free(&a);
    text_free(&b);
    text_free(&masked);
    return 0;
}
