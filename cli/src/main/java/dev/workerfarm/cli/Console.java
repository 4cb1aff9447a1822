package dev.workerfarm.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * What the command line works with: {@code main} hands in the process's own, tests theirs. It owns none of it.
 *
 * @param environment the FARM_ variables, those of {@code .farm/env} included
 */
record Console(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {
    Console {
        environment = Map.copyOf(environment);
    }

    /** Whether standard error is a terminal: {@value Terminal#VARIABLE} says so. */
    boolean hasTerminal() {
        return "1".equals(environment.get(Terminal.VARIABLE));
    }

    /** One line on standard error, whatever the text contains: control characters could command a terminal. */
    void say(String text) {
        err.println(text.replaceAll("\\R", " ").replaceAll("\\p{Cntrl}", "?"));
        err.flush();
    }
}
