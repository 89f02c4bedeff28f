/* SPDX-License-Identifier: MIT */

/* What is remembered of files: any text of a store. */

#include "session/remember.h"

#include <prov/uri.h>

#include "fuzz_in.h"

#define FILES 6u
#define URL_BYTES 64u

static void
check_address(struct prov_str url)
{
    struct prov_uri u;

    FUZZ_CHECK(url.len <= URL_BYTES);
    FUZZ_CHECK(prov_uri_parse(url, &u, NULL) == PROV_OK && !u.has_user);
}

static void
check_files(const struct prov_remembered *f, uint32_t count)
{
    FUZZ_CHECK(count > 0 && count <= FILES);
    for (uint32_t i = 0; i < count; i++) {
        FUZZ_CHECK(i == 0 ? f[i].parent == PROV_REMEMBER_NONE : f[i].parent < i);
        check_address(f[i].url);
        if (f[i].final.len > 0)
            check_address(f[i].final);
        FUZZ_CHECK(f[i].etag.len == 0 || prov_remember_is_validator(f[i].etag));
        FUZZ_CHECK(f[i].modified.len == 0 || prov_remember_is_validator(f[i].modified));
    }
}

static struct prov_str
write_all(const uint8_t *digest, const struct prov_remembered *f, uint32_t count,
          struct prov_buf *out)
{
    prov_remember_put_head(digest, out);
    for (uint32_t i = 0; i < count; i++)
        prov_remember_put_file(&f[i], out);
    prov_remember_put_end(out);
    FUZZ_CHECK(out->len <= out->cap);
    return prov_buf_str(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const struct prov_str given = fuzz_rest(&in);
    struct prov_remembered files[FILES], again[FILES];
    uint8_t digest[32], digest_again[32];
    char mem[FILES * 1024], more[FILES * 1024];
    struct prov_buf out = { mem, sizeof(mem), 0 }, twice = { more, sizeof(more), 0 };
    uint32_t count = 77, n = 0;
    char *exact = malloc(given.len > 0 ? given.len : 1);

    FUZZ_CHECK(exact != NULL);
    memcpy(exact, given.ptr, given.len);
    const struct prov_str text = { exact, given.len };

    if (!prov_remember_read(text, URL_BYTES, digest, files, FILES, &count)) {
        FUZZ_CHECK(count == 77);
    } else {
        check_files(files, count);
        FUZZ_CHECK(!prov_remember_read(prov_str_cut(text, 0, text.len - 1), URL_BYTES, digest_again,
                                       again, FILES, &n));
        /* Written and read again it says the same. */
        const struct prov_str written = write_all(digest, files, count, &out);

        FUZZ_CHECK(prov_remember_read(written, URL_BYTES, digest_again, again, FILES, &n));
        FUZZ_CHECK(n == count && memcmp(digest, digest_again, sizeof(digest)) == 0);
        FUZZ_CHECK(prov_str_eq(written, write_all(digest_again, again, n, &twice)));
    }
    free(exact);
    return 0;
}
