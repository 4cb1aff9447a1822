package dev.workerfarm.worker.crash;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.DeathReport.Running;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Notes that a process began to run a message and has not reported the end of the run.
 *
 * @param process its name, which no other process has at any time
 * @param index which of the message's calls it ran, or {@link Running#AROUND}
 * @param exit how it died, as {@link DeathReport}'s, or null: nobody has seen it die
 */
public record Charge(String process, int index, @Nullable Integer exit, String host, List<String> lastLines) {
    /** After so many crashed processes a call is not run any more. */
    static final int TRIES = 3;

    private static final String TYPE = "WorkerLostError";
    private static final String MODULE = "billiard.exceptions";

    public Charge {
        lastLines = List.copyOf(lastLines);
    }

    /** A run that begins. */
    static Charge begun(String process, String host, int index) {
        return new Charge(process, index, null, host, List.of());
    }

    /** A run that was under way when its process died on this host. */
    static Charge lost(DeathReport report, int index, String host) {
        return new Charge(report.process(), index, report.exit(), host, report.lastLines());
    }

    /** Whether somebody has seen the process die. */
    boolean isWitnessed() {
        return exit != null;
    }

    /** How its process ended, for people. */
    String ending() {
        return (exit == null ? "nobody saw how" : DeathReport.ending(exit)) + " host=" + host + " process=" + process;
    }

    /** As it is kept; the process's name is kept beside it. */
    String text() {
        return Json.text(new Kept(index, exit, host, lastLines));
    }

    private record Kept(int index, @Nullable Integer exit, String host, List<String> log) {}

    /** The charge that a kept text is; one that cannot be read is of a process that nobody saw die. */
    static Charge of(String process, String text) {
        try {
            if (Json.read(text) instanceof Map<?, ?> fields
                    && fields.get("index") instanceof Long index
                    && fields.get("log") instanceof List<?> log) {
                var exit = fields.get("exit") instanceof Long code ? code.intValue() : null;
                var lines = log.stream().map(String::valueOf).toList();
                return new Charge(process, index.intValue(), exit, Objects.toString(fields.get("host")), lines);
            }
        } catch (DecodeException e) {
            // Of a worker of another version, or a person's.
        }
        return begun(process, "unknown", Running.AROUND);
    }

    /** Celery's failure of a call that crashed its process again and again; its stack says what is known of each death. */
    static Failure workerLost(List<Charge> charges) {
        var best = charges.stream().filter(Charge::isWitnessed).findFirst().orElse(charges.get(0));
        var text = "lost its worker process " + charges.size() + " times: " + best.ending();
        var stack = charges.stream().map(Charge::entry).collect(Collectors.joining("\n"));
        return new Failure(TYPE, MODULE, text, stack);
    }

    private static String entry(Charge charge) {
        return charge.ending()
                + charge.lastLines().stream().map(line -> "\n\t" + line).collect(Collectors.joining());
    }

    /** Whether an outcome is this failure. */
    public static boolean isWorkerLost(Outcome outcome) {
        return outcome instanceof Outcome.Failed failed
                && failed.failure().type().equals(TYPE)
                && failed.failure().module().equals(MODULE);
    }
}
