/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void
command_line_add(struct command_line *line, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count && line->option_count < OPTION_MAX; i++)
        line->options[line->option_count++] = options[i];
}

int
tool_usage(const struct command *command, const char *format, ...)
{
    const char *space = command != NULL ? " " : "";
    const char *name = command != NULL ? command->name : "";
    va_list args;

    fprintf(stderr, "prov%s%s: ", space, name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nTry 'prov%s%s --help'.\n", space, name);
    return TOOL_USAGE;
}

bool
tool_number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
    unsigned long value = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || value > (max - (unsigned long)(*text - '0')) / 10)
            return false;
        value = value * 10 + (unsigned long)(*text - '0');
    }
    if (value < min)
        return false;
    *out = value;
    return true;
}

static void
print_option(const struct option *o)
{
    char left[64];

    if (o->letter != '\0')
        snprintf(left, sizeof(left), "-%c, --%s %s", o->letter, o->name, o->value ? o->value : "");
    else
        snprintf(left, sizeof(left), "    --%s %s", o->name, o->value ? o->value : "");
    printf("  %-28s %s\n", left, o->help);
}

static void
print_help(const struct command_line *line)
{
    printf("usage: prov %s %s\n\n%s\n\noptions:\n", line->command->name, line->command->synopsis,
           line->command->help);
    for (size_t i = 0; i < line->option_count; i++)
        print_option(&line->options[i]);
    printf("  %-28s %s\n", "-h, --help", "print this and stop");
}

/* The message names the option without its value: a value may hold a password. */
static int
bad_option(const struct command_line *line, const char *format, const char *word, size_t len)
{
    struct text t = { 0 };

    text_add_operand(&t, (struct prov_str){ word, len });
    const int code = tool_usage(line->command, format, t.ptr);
    text_free(&t);
    return code;
}

static const struct option *
find_long(const struct command_line *line, const char *name, size_t len)
{
    for (size_t i = 0; i < line->option_count; i++) {
        if (strlen(line->options[i].name) == len && memcmp(line->options[i].name, name, len) == 0)
            return &line->options[i];
    }
    return NULL;
}

static const struct option *
find_letter(const struct command_line *line, char letter)
{
    for (size_t i = 0; i < line->option_count; i++) {
        if (line->options[i].letter == letter && letter != '\0')
            return &line->options[i];
    }
    return NULL;
}

static int
set(const struct command_line *line, const struct option *o, const char *value)
{
    if (o->flag != NULL)
        *o->flag = true;
    else if (o->text != NULL)
        *o->text = value;
    else if (o->list->count < TOOL_COUNT(o->list->items))
        o->list->items[o->list->count++] = value;
    else
        return tool_usage(line->command, "option '--%s' is given too often", o->name);
    return TOOL_GO_ON;
}

/* `--name`, `--name=value`, `--name value`; *i moves past what was used. */
static int
take_long(const struct command_line *line, char **argv, int argc, int *i)
{
    const char *name = argv[*i] + 2;
    const size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    const struct option *o = find_long(line, name, len);

    if (o == NULL)
        return bad_option(line, "unknown option '%s'", argv[*i], len + 2);
    if (o->value == NULL)
        return value == NULL ? set(line, o, NULL)
                             : bad_option(line, "option '%s' takes no value", argv[*i], len + 2);
    if (value == NULL && *i + 1 >= argc)
        return bad_option(line, "option '%s' needs a value", argv[*i], len + 2);
    return set(line, o, value != NULL ? value : argv[++*i]);
}

/* `-o value`, `-ovalue`. There are no bundles. */
static int
take_letter(const struct command_line *line, char **argv, int argc, int *i)
{
    const char *word = argv[*i];
    const struct option *o = find_letter(line, word[1]);

    if (o == NULL)
        return bad_option(line, "unknown option '%s'", word, 2);
    if (o->value == NULL)
        return word[2] == '\0' ? set(line, o, NULL)
                               : bad_option(line, "option '%s' takes no value", word, 2);
    if (word[2] != '\0')
        return set(line, o, word + 2);
    if (*i + 1 >= argc)
        return bad_option(line, "option '%s' needs a value", word, 2);
    return set(line, o, argv[++*i]);
}

static bool
is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int
command_line_parse(struct command_line *line, int argc, char **argv)
{
    bool only_operands = false;
    int code = TOOL_GO_ON;

    line->operands = tool_alloc(((size_t)argc + 1) * sizeof(*line->operands));
    for (int i = 0; i < argc && code == TOOL_GO_ON; i++) {
        const char *word = argv[i];

        if (only_operands || word[0] != '-' || word[1] == '\0') {
            line->operands[line->operand_count++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (is_help(word)) {
            print_help(line);
            code = TOOL_DONE;
        } else {
            code = word[1] == '-' ? take_long(line, argv, argc, &i)
                                  : take_letter(line, argv, argc, &i);
        }
    }
    if (code != TOOL_GO_ON) {
        free(line->operands);
        line->operands = NULL;
    }
    return code;
}
