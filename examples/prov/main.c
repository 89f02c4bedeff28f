/* SPDX-License-Identifier: MIT */

/* prov: what an IP phone would do with addresses, provisioning files and a server. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prov/export.h>

#include "commands.h"
#include "text.h"

static const struct command commands[] = {
    { "expand", "[--raw] [--json] [DEVICE OPTION]... URL...",
      "replace the markers of addresses by the values of a device",
      "Prints each URL with its markers replaced, one a line. What is no marker of the dialect\n"
      "stays as it is. User name and password of an address are shown as ***.",
      command_expand },
    { "resolve", "--base URL [--json] [DEVICE OPTION]... FILE",
      "list the addresses that a reference file leads to",
      "FILE is a reference file that was fetched from the URL given by --base. Prints the "
      "addresses\n"
      "it names, in order, after markers and resolution.",
      command_resolve },
    { "apply", "[-o FILE] [--explain PATH]... [--json] [DEVICE OPTION]... SETTINGS CHANGE...",
      "apply change files to settings",
      "Prints the new settings, or writes them to the file given with -o; what happened to each\n"
      "section goes to stderr. A file of any type but a reference file can be a change. '-' "
      "stands\n"
      "for the standard input. --explain says which file, line and rule a setting comes from.",
      command_apply },
    { "check", "[--settings FILE] [--xsd DIR] [--json] [DEVICE OPTION]... FILE...",
      "say what a phone would say about files",
      "Checks type, well-formedness and limits of each file. With --settings the files are also\n"
      "applied, one after the other, to a copy of these settings in memory; nothing is written.\n"
      "With --xsd each file is also checked against the XML schema of its kind in a folder.",
      command_check },
    { "diff", "[--json] [DEVICE OPTION]... OLD NEW",
      "list the settings that differ between two files",
      "Prints a line for each setting that was added (+), removed (-) or is different (~), with "
      "file\n"
      "and line on both sides, and whether a phone has to restart for it. No value is printed. "
      "'-'\n"
      "stands for the standard input.",
      command_diff },
    { "run", "--state DIR [--url URL] [--once] [--trace FILE] [--json] [DEVICE OPTION]...",
      "do a whole provisioning run against the real network",
      "Finds the address, fetches all files, applies them to the settings in DIR and keeps the\n"
      "result there. A run that fails by network or store is tried again, unless --once is given.",
      command_run },
    { "serve", "[--port N] [--listen ADDRESS] DIR",
      "serve the files of a folder over HTTP, for tests",
      "Answers GET and HEAD with the files below DIR and prints one line for each request. Ends\n"
      "on SIGINT and SIGTERM.",
      command_serve },
};

static void
print_help(void)
{
    puts("usage: prov COMMAND [OPTION]... [OPERAND]...\n\ncommands:");
    for (size_t i = 0; i < TOOL_COUNT(commands); i++)
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    puts("\n'prov COMMAND --help' explains one of them. 'prov --version' prints the version.\n\n"
         "exit codes: 0 done, 1 input refused, 2 usage, 3 outside failure (network, store, a file\n"
         "that cannot be read or written), 4 applied in part, 5 nothing found");
}

static int
unknown(const char *word)
{
    char *shown = tool_show_operand(word);

    fprintf(stderr, "prov: unknown command '%s'; there are", shown);
    for (size_t i = 0; i < TOOL_COUNT(commands); i++)
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", commands[i].name);
    fputs("\n", stderr);
    free(shown);
    return TOOL_USAGE;
}

static int
dispatch(int argc, char **argv)
{
    for (size_t i = 0; i < TOOL_COUNT(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(&commands[i], argc - 2, argv + 2);
    }
    return unknown(argv[1]);
}

int
main(int argc, char **argv)
{
    /* A reader that went away is an output error with a message, not a sudden end. */
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        fputs("prov: a command is missing\nTry 'prov --help'.\n", stderr);
        return TOOL_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return TOOL_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("prov " PROV_VERSION);
        return TOOL_DONE;
    }
    return dispatch(argc, argv);
}
