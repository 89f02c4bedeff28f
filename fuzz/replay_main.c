/* SPDX-License-Identifier: MIT */

/* Runs one harness over the files of corpus folders: the fuzzing of every day, with any compiler.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_in.h"

/* The block has exactly the size of the file, so that ASan sees every over-read. */
static int
replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    long size;

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
        fprintf(stderr, "cannot read %s\n", path);
        return -1;
    }
    rewind(f);
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);

    if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size) {
        fprintf(stderr, "cannot read %s\n", path);
        free(data);
        fclose(f);
        return -1;
    }
    fclose(f);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return 0;
}

static int
replay_folder(const char *folder, unsigned *count)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    int rc = 0;

    if (d == NULL) {
        fprintf(stderr, "cannot open %s\n", folder);
        return -1;
    }
    while (rc == 0 && (e = readdir(d)) != NULL) {
        char path[4096];

        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        rc = replay_file(path);
        (*count)++;
    }
    closedir(d);
    return rc;
}

int
main(int argc, char **argv)
{
    unsigned count = 0;

    for (int i = 1; i < argc; i++) {
        if (replay_folder(argv[i], &count) != 0)
            return 1;
    }
    printf("%u inputs\n", count);
    return count > 0 ? 0 : 1; /* an empty corpus proves nothing */
}
