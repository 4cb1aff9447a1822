package dev.workerfarm.lab.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server process that cannot outlive this JVM, even one that is killed with -9: a shell between the two waits for the
 * end of its standard input, which only this JVM holds open, then kills the server and removes the scratch folder. Both have
 * a session of their own where the machine has {@code setsid}, so that a Ctrl-C reaches only the JVM.
 *
 * <p>Threads may share it; whoever starts it ends it.
 */
final class Leashed {
    /** Arguments: scratch folder, log file, command... First line of output: the server's process id. */
    private static final String SHELL = """
            scratch=$1 log=$2; shift 2
            exec 3<&0
            "$@" </dev/null >>"$log" 2>&1 3<&- &
            server=$!
            ( read -r _ <&3; mkdir -p "$scratch/orphaned"; kill -KILL "$server" ) >/dev/null 2>&1 &
            watcher=$!
            exec 3<&-
            echo "$server"
            wait "$server"
            status=$?
            if [ -d "$scratch/orphaned" ]; then rm -rf "$scratch"; else kill "$watcher" 2>/dev/null; fi
            exit "$status"
            """;

    private final Process shell;
    private final ProcessHandle server;

    private Leashed(Process shell, ProcessHandle server) {
        this.shell = shell;
        this.server = server;
    }

    /**
     * Starts a server. It must stay in the foreground and be its own process, not a script that starts another.
     *
     * @param environment all of the server's variables; nothing is inherited
     * @param log where its standard output and error go
     */
    static Leashed start(Path scratch, Path log, Map<String, String> environment, List<String> command) {
        List<String> all = new ArrayList<>();
        Executables.find("setsid").ifPresent(setsid -> all.add(setsid.toString()));
        all.addAll(List.of("/bin/sh", "-c", SHELL, "leash", scratch.toString(), log.toString()));
        all.addAll(command);
        var builder =
                new ProcessBuilder(all).directory(scratch.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            var shell = builder.start();
            var output = new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8));
            var pid = output.readLine();
            if (pid == null) {
                throw new IllegalStateException("cannot start " + command + ": /bin/sh ended at once");
            }
            // One that has ended already has no handle any more; then the shell ends as well, and is all there is to
            // know.
            return new Leashed(shell, ProcessHandle.of(Long.parseLong(pid)).orElse(shell.toHandle()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        }
    }

    long pid() {
        return server.pid();
    }

    boolean isAlive() {
        return shell.isAlive();
    }

    /** Asks the server to end (SIGTERM) and waits; kills it where it takes longer than the patience. */
    void terminate(Duration patience) {
        if (isAlive()) {
            server.destroy();
        }
        if (!awaitEnd(patience)) {
            kill();
        }
    }

    /** Stops the server in its tracks (SIGSTOP); {@link #kill} still ends it. */
    void freeze() {
        signal("STOP");
    }

    /** Lets a frozen server go on. */
    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            var status = new ProcessBuilder("kill", "-" + name, Long.toString(server.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("cannot send SIG" + name + " to process " + server.pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while process " + server.pid() + " was signalled", e);
        }
    }

    /** Kills the server (SIGKILL) and waits until it is gone. */
    void kill() {
        if (isAlive()) {
            server.destroyForcibly();
        }
        if (!awaitEnd(Duration.ofSeconds(10))) {
            throw new IllegalStateException("process " + server.pid() + " outlives SIGKILL");
        }
    }

    /** Waits for its end; false if the patience ends first. */
    boolean awaitEnd(Duration patience) {
        try {
            return shell.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while process " + server.pid() + " ended", e);
        }
    }
}
