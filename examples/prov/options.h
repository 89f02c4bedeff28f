/* SPDX-License-Identifier: MIT */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

/* The command line: options before or after operands, `--name=value`, `--name value`, `--`. */

#include <stdbool.h>
#include <stddef.h>

/* Exit codes, the same for every command. */
enum tool_exit {
    TOOL_DONE = 0,    /* done */
    TOOL_REFUSED = 1, /* the input is at fault */
    TOOL_USAGE = 2,   /* the command line is at fault */
    TOOL_OUTSIDE = 3, /* network, store, or a file that cannot be read or written */
    TOOL_PARTIAL = 4, /* done, but some sections were discarded */
    TOOL_NOTHING = 5, /* nothing was found */
    TOOL_GO_ON = -1,  /* not an exit code: the command line is fine */
};

/* Values of an option that may be given several times. */
struct words {
    const char *items[32];
    size_t count;
};

/* One option. Exactly one of flag, text and list is set. */
struct option {
    const char *name;  /* without the dashes */
    char letter;       /* 0 = none */
    const char *value; /* what stands for the value in the help; NULL for a flag */
    const char *help;
    bool *flag;
    const char **text;
    struct words *list;
};

/* One command, for dispatch and help. */
struct command {
    const char *name;
    const char *synopsis;
    const char *summary;
    const char *help;
    int (*run)(const struct command *self, int argc, char **argv);
};

#define OPTION_MAX 64

struct command_line {
    const struct command *command;
    struct option options[OPTION_MAX];
    size_t option_count;
    const char **operands; /* in order; free() it */
    size_t operand_count;
};

void command_line_add(struct command_line *line, const struct option *options, size_t count);

/* TOOL_GO_ON; or TOOL_DONE after --help, TOOL_USAGE after a message. */
int command_line_parse(struct command_line *line, int argc, char **argv);

/* A message of one line with a hint at --help; always TOOL_USAGE. */
int tool_usage(const struct command *command, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* A whole number in a range; false if the text is none. */
bool tool_number(const char *text, unsigned long min, unsigned long max, unsigned long *out);

#endif /* TOOL_OPTIONS_H */
