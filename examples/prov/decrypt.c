/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prov/enc.h>

#include "commands.h"
#include "device.h"
#include "engine.h"
#include "file.h"
#include "report.h"

/* No phone takes files that are nearly as large. */
#define FILE_LIMIT ((size_t)16 << 20)
#define KEY_LIMIT ((size_t)4096)
#define PHONE_KEY_BYTES 32u

struct decrypt {
    const struct command *command;
    const char *key_option, *key_file, *cipher, *digest, *output;
    const char *name;
    bool json, binary;
    struct device device; /* its options are taken as by all commands, nothing depends on them */
    struct report report;
    struct text key;
    struct text file;  /* as it was read */
    struct text plain; /* a copy of it, decrypted */
    struct text shown; /* name of the file in messages */
    uint32_t bits;     /* what fitted; 0 = nothing */
    enum prov_enc_digest kind;
};

static const struct {
    const char *name;
    uint32_t bits;
} ciphers[] = { { "128", 128 }, { "192", 192 }, { "256", 256 } };

static const char *const digests[] = { "md5", "sha256" }; /* in order of enum prov_enc_digest */

/* ---- Secrets ---- */

static void
wipe(char *p, size_t n)
{
    volatile char *at = p;

    while (n-- > 0)
        *at++ = '\0';
}

static void
free_secret(struct text *t)
{
    wipe(t->ptr, t->cap);
    text_free(t);
}

/* Who lists processes from now on does not see the key. It stands at the end of its word. */
static void
take_key(struct decrypt *d, int argc, char **argv)
{
    const size_t n = strlen(d->key_option);

    text_reserve(&d->key, n);
    text_add_z(&d->key, d->key_option);
    for (int i = 0; i < argc; i++) {
        const size_t len = strlen(argv[i]);

        if (len >= n && argv[i] + len - n == d->key_option)
            wipe(argv[i] + len - n, n);
    }
    d->key_option = "";
}

/* The first line of the file. */
static int
read_key(struct decrypt *d)
{
    const char *shown = file_shown_name(d->key_file);

    switch (file_read(d->key_file, KEY_LIMIT, &d->key, &d->report)) {
    case FILE_READ:
        break;
    case FILE_TOO_LARGE:
        return TOOL_REFUSED;
    case FILE_UNREADABLE:
        return TOOL_OUTSIDE;
    }
    size_t n = 0;

    while (n < d->key.len && d->key.ptr[n] != '\n')
        n++;
    if (n > 0 && d->key.ptr[n - 1] == '\r')
        n--;
    d->key.len = n;
    if (n > 0)
        return TOOL_GO_ON;
    report_tool(&d->report, PROV_D_TOOL_KEY_EMPTY, prov_str_z(shown), "", 0);
    return TOOL_REFUSED;
}

static int
get_key(struct decrypt *d)
{
    const char *shown = d->key_file != NULL ? file_shown_name(d->key_file) : "--key";
    const int code = d->key_file != NULL ? read_key(d) : TOOL_GO_ON;

    if (code == TOOL_GO_ON && d->key.len != PHONE_KEY_BYTES)
        report_tool(&d->report, PROV_D_TOOL_KEY_LENGTH, prov_str_z(shown), "", PHONE_KEY_BYTES);
    return code;
}

/* ---- Decrypting ---- */

static int
read_file(struct decrypt *d)
{
    switch (file_read(d->name, FILE_LIMIT, &d->file, &d->report)) {
    case FILE_READ:
        return TOOL_GO_ON;
    case FILE_TOO_LARGE:
        return TOOL_REFUSED;
    case FILE_UNREADABLE:
        break;
    }
    return TOOL_OUTSIDE;
}

static enum prov_status
attempt(struct decrypt *d, const struct prov_crypto *engine, struct prov_diag *diag)
{
    const struct prov_enc_options options = {
        .size = sizeof(options),
        .pass = text_str(&d->key),
        .key_bits = d->bits,
        .digest = d->kind,
        .binary = d->binary,
    };

    d->plain.len = 0;
    text_reserve(&d->plain, d->file.len);
    text_add(&d->plain, text_str(&d->file));
    return prov_enc_decrypt(engine, &options, text_str(&d->shown), d->plain.ptr, d->plain.len,
                            &d->plain.len, diag);
}

/* Which of several failures says most: that the key fits, that something could not be tried. */
static int
weight(const struct prov_diag *diag)
{
    if (diag->code == PROV_D_ENC_WRONG_KEY)
        return 1;
    return diag->status == PROV_E_DENIED ? 2 : 3;
}

/* Everything that the options leave open is tried. A file that cannot be read at all ends it. */
static bool
find(struct decrypt *d, const struct prov_crypto *engine, struct prov_diag *best)
{
    for (size_t i = 0; i < TOOL_COUNT(digests) * TOOL_COUNT(ciphers); i++) {
        const size_t kind = i / TOOL_COUNT(ciphers), cipher = i % TOOL_COUNT(ciphers);
        struct prov_diag diag = { .status = PROV_OK };

        if ((d->digest != NULL && strcmp(d->digest, digests[kind]) != 0) ||
            (d->cipher != NULL && strcmp(d->cipher, ciphers[cipher].name) != 0))
            continue;
        d->kind = (enum prov_enc_digest)kind;
        d->bits = ciphers[cipher].bits;
        const enum prov_status status = attempt(d, engine, &diag);

        if (status == PROV_OK)
            return true;
        if (best->status == PROV_OK || weight(&diag) > weight(best))
            *best = diag;
        if (status != PROV_E_INVALID && status != PROV_E_DENIED)
            break;
    }
    d->bits = 0;
    d->plain.len = 0;
    return false;
}

static int
decrypt_file(struct decrypt *d)
{
    struct prov_crypto engine = { NULL, NULL };
    struct prov_diag best = { .status = PROV_OK };

    (void)engine_get(&engine); /* it is there: that was asked before */
    if (find(d, &engine, &best)) {
        if (d->digest == NULL && d->kind == PROV_ENC_SHA256)
            report_tool(&d->report, PROV_D_TOOL_KEY_SHA256, prov_str_z(file_shown_name(d->name)),
                        "", 0);
        return TOOL_DONE;
    }
    report_diag(&d->report, &best);
    return prov_status_class(best.status) == PROV_CLASS_INPUT ? TOOL_REFUSED : TOOL_OUTSIDE;
}

/* ---- The result ---- */

static int
deliver(struct decrypt *d)
{
    if (d->output != NULL)
        return file_write(d->output, text_str(&d->plain), &d->report) ? TOOL_DONE : TOOL_OUTSIDE;
    if (!d->json)
        fwrite(d->plain.ptr, 1, d->plain.len, stdout);
    return TOOL_DONE;
}

static void
print_json(struct decrypt *d, int code)
{
    char cipher[24] = "";

    if (d->bits != 0)
        snprintf(cipher, sizeof(cipher), "aes-%u-cbc", (unsigned)d->bits);
    report_document(&d->report, json_pack("{s:s, s:o, s:s?, s:s?, s:I}", "status",
                                          code == TOOL_DONE ? "decrypted" : "refused", "file",
                                          report_string(text_str(&d->shown)), "cipher",
                                          d->bits != 0 ? cipher : NULL, "digest",
                                          d->bits != 0 ? digests[d->kind] : NULL, "bytes",
                                          (json_int_t)d->plain.len));
}

static void
print_account(const struct decrypt *d)
{
    fprintf(stderr, "%s: aes-%u-cbc, key by %s, %zu bytes\n", d->shown.ptr, (unsigned)d->bits,
            digests[d->kind], d->plain.len);
}

static int
decrypt(struct decrypt *d)
{
    report_init(&d->report, d->json);
    text_add_operand(&d->shown, prov_str_z(file_shown_name(d->name)));
    int code = get_key(d);

    if (code == TOOL_GO_ON)
        code = read_file(d);
    if (code == TOOL_GO_ON)
        code = decrypt_file(d);
    if (code == TOOL_DONE)
        code = deliver(d);
    if (d->json)
        print_json(d, code);
    else if (code == TOOL_DONE)
        print_account(d);
    free_secret(&d->plain);
    text_free(&d->file);
    text_free(&d->shown);
    return report_end(&d->report, code);
}

/* ---- The command line ---- */

static bool
is_cipher(const char *word)
{
    for (size_t i = 0; i < TOOL_COUNT(ciphers); i++) {
        if (strcmp(word, ciphers[i].name) == 0)
            return true;
    }
    return false;
}

static int
check_usage(const struct decrypt *d, const struct command_line *line)
{
    struct prov_crypto engine;

    if (!engine_get(&engine))
        return tool_usage(d->command, "this program was built without libcrypto");
    if (line->operand_count != 1)
        return tool_usage(d->command, "exactly one file is needed");
    if ((d->key_option != NULL) == (d->key_file != NULL))
        return tool_usage(d->command, "either --key or --key-file is needed");
    if (d->key_option != NULL && *d->key_option == '\0')
        return tool_usage(d->command, "the key is empty");
    if (d->key_file != NULL && strcmp(d->key_file, "-") == 0 && strcmp(line->operands[0], "-") == 0)
        return tool_usage(d->command, "key and file cannot both come from the standard input");
    if (d->cipher != NULL && !is_cipher(d->cipher))
        return tool_usage(d->command, "--cipher is 128, 192 or 256");
    if (d->digest != NULL && strcmp(d->digest, digests[0]) != 0 &&
        strcmp(d->digest, digests[1]) != 0)
        return tool_usage(d->command, "--digest is md5 or sha256");
    return TOOL_GO_ON;
}

int
command_decrypt(const struct command *self, int argc, char **argv)
{
    struct decrypt d = { .command = self };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "key", .value = "KEY", .text = &d.key_option, .help = "the pass phrase" },
        { .name = "key-file",
          .value = "FILE",
          .text = &d.key_file,
          .help = "the pass phrase is the first line of a file" },
        { .name = "cipher",
          .value = "BITS",
          .text = &d.cipher,
          .help = "length of the AES key: 128, 192 or 256 (whichever fits)" },
        { .name = "digest",
          .value = "NAME",
          .text = &d.digest,
          .help = "what makes the AES key: md5 or sha256 (whichever fits)" },
        { .name = "output",
          .letter = 'o',
          .value = "FILE",
          .text = &d.output,
          .help = "write to a file in place of stdout" },
        { .name = "binary", .flag = &d.binary, .help = "the content need not be text" },
        { .name = "json", .flag = &d.json, .help = "print one JSON document" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&d.device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&d.device, self);
    if (code == TOOL_GO_ON)
        code = check_usage(&d, &line);
    if (code == TOOL_GO_ON) {
        if (d.key_option != NULL)
            take_key(&d, argc, argv);
        if (d.output != NULL && strcmp(d.output, "-") == 0)
            d.output = NULL;
        d.name = line.operands[0];
        code = decrypt(&d);
    }
    free_secret(&d.key);
    free(line.operands);
    return code;
}
