package dev.workerfarm.worker.crash;

import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import java.util.List;
import java.util.stream.Collectors;

/** The failure of a call that crashed its process again and again: Celery's own failure for that. */
public final class WorkerLost {
    /** After so many crashed processes a call is not run any more. */
    static final int TRIES = 3;

    private static final String TYPE = "WorkerLostError";
    private static final String MODULE = "billiard.exceptions";

    private WorkerLost() {}

    /** The failure, with what is known of each death in place of a stack trace. */
    static Failure of(List<Charge> charges) {
        var best = charges.stream().filter(Charge::isWitnessed).findFirst().orElse(charges.get(0));
        var text = "lost its worker process " + charges.size() + " times: " + best.ending();
        var stack = charges.stream().map(WorkerLost::entry).collect(Collectors.joining("\n"));
        return new Failure(TYPE, MODULE, text, stack);
    }

    private static String entry(Charge charge) {
        return charge.ending()
                + charge.lastLines().stream().map(line -> "\n\t" + line).collect(Collectors.joining());
    }

    /** Whether an outcome is this failure. */
    public static boolean is(Outcome outcome) {
        return outcome instanceof Outcome.Failed failed
                && failed.failure().type().equals(TYPE)
                && failed.failure().module().equals(MODULE);
    }
}
