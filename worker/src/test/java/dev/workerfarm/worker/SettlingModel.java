package dev.workerfarm.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The machine of {@code docs/guarantees.md} for one message and two workers, with nothing in it but the order of steps. It
 * goes through every order of what a worker does and of what may befall it, and looks at each state that comes of it.
 */
final class SettlingModel {
    /** Where a worker is with the message. */
    enum Stage {
        IDLE,
        TAKEN,
        RUNNING,
        READY,
        COMMITTED_UNHEARD,
        HAS_OUTCOME,
        PUBLISHED,
        CONFIRMED
    }

    /** A step left out, or out of its place: the model is to notice. */
    enum Flaw {
        NONE,
        NO_GUARD,
        PUBLISH_BEFORE_COMMIT,
        ACK_BEFORE_PUBLISH,
        OWN_OUTCOME_AFTER_ANOTHER_WAS_FIRST
    }

    /**
     * A worker.
     *
     * @param outcome what it takes for the outcome: the name of the run that came to it, 0 for none
     * @param holds whether its delivery is the one that counts: the broker takes an ack of it
     */
    record Worker(Stage stage, int outcome, boolean holds) {
        Worker to(Stage next) {
            return new Worker(next, outcome, holds);
        }

        Worker to(Stage next, int newOutcome) {
            return new Worker(next, newOutcome, holds);
        }
    }

    /**
     * Everything.
     *
     * @param queued the message waits in its queue
     * @param gone it was acked
     * @param committed the outcome in Redis, 0 for none
     * @param effects how often the effects were applied
     * @param replies which outcomes were published, each a bit
     * @param runs how often the task has run
     * @param faults how many more things may go wrong
     */
    record State(
            List<Worker> workers,
            boolean queued,
            boolean gone,
            int committed,
            int effects,
            int replies,
            int runs,
            int faults) {
        State with(int index, Worker worker) {
            List<Worker> changed = new ArrayList<>(workers);
            changed.set(index, worker);
            return new State(List.copyOf(changed), queued, gone, committed, effects, replies, runs, faults);
        }

        State queue(boolean nowQueued) {
            return new State(workers, nowQueued, gone, committed, effects, replies, runs, faults);
        }

        State acked() {
            return new State(workers, queued, true, committed, effects, replies, runs, faults);
        }

        State commit(int outcome) {
            return new State(
                    workers, queued, gone, committed == 0 ? outcome : committed, effects + 1, replies, runs, faults);
        }

        State reply(int outcome) {
            return new State(workers, queued, gone, committed, effects, replies | 1 << outcome, runs, faults);
        }

        State ran() {
            return new State(workers, queued, gone, committed, effects, replies, runs + 1, faults);
        }

        State fault() {
            return new State(workers, queued, gone, committed, effects, replies, runs, faults - 1);
        }
    }

    private final Flaw flaw;

    SettlingModel(Flaw flaw) {
        this.flaw = flaw;
    }

    /** Every state that can be reached from a queued message. */
    Set<State> reachable(int faults) {
        var idle = new Worker(Stage.IDLE, 0, false);
        var start = new State(List.of(idle, idle), true, false, 0, 0, 0, 0, faults);
        Set<State> seen = new HashSet<>(List.of(start));
        Deque<State> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            var state = open.remove();
            List<State> next = new ArrayList<>(steps(state));
            if (state.faults() > 0) {
                next.addAll(mishaps(state));
            }
            next.stream().filter(seen::add).forEach(open::add);
        }
        return seen;
    }

    /** What may come next where nothing goes wrong; empty at the end. */
    List<State> steps(State state) {
        List<State> next = new ArrayList<>();
        for (int i = 0; i < state.workers().size(); i++) {
            var worker = state.workers().get(i);
            switch (worker.stage()) {
                case IDLE -> {
                    if (state.queued()) {
                        next.add(state.queue(false).with(i, new Worker(Stage.TAKEN, 0, true)));
                    }
                }
                case TAKEN ->
                    next.add(
                            state.committed() == 0 || flaw == Flaw.NO_GUARD
                                    ? state.with(i, worker.to(Stage.RUNNING))
                                    : state.with(i, worker.to(Stage.HAS_OUTCOME, state.committed())));
                case RUNNING -> next.add(state.ran().with(i, worker.to(Stage.READY, state.runs() + 1)));
                case READY -> {
                    var published = flaw == Flaw.PUBLISH_BEFORE_COMMIT ? state.reply(worker.outcome()) : state;
                    var first = state.committed() == 0 || flaw == Flaw.NO_GUARD;
                    next.add((first ? published.commit(worker.outcome()) : published)
                            .with(i, worker.to(Stage.COMMITTED_UNHEARD)));
                    if (!published.equals(state)) {
                        next.add(published); // and then the worker may be killed
                    }
                }
                case COMMITTED_UNHEARD -> {
                    var own = flaw == Flaw.OWN_OUTCOME_AFTER_ANOTHER_WAS_FIRST;
                    next.add(state.with(i, worker.to(Stage.HAS_OUTCOME, own ? worker.outcome() : state.committed())));
                }
                case HAS_OUTCOME -> {
                    var acked = flaw == Flaw.ACK_BEFORE_PUBLISH && worker.holds() ? state.acked() : state;
                    next.add(acked.reply(worker.outcome()).with(i, worker.to(Stage.PUBLISHED)));
                    if (!acked.equals(state)) {
                        next.add(acked);
                    }
                }
                case PUBLISHED -> next.add(state.with(i, worker.to(Stage.CONFIRMED)));
                case CONFIRMED ->
                    next.add((worker.holds() ? state.acked() : state).with(i, new Worker(Stage.IDLE, 0, false)));
            }
        }
        return next.stream().filter(other -> !other.equals(state)).toList();
    }

    /** What may go wrong now: killed, the connection lost while it works on, Redis's answer or the broker's confirm lost. */
    private static List<State> mishaps(State state) {
        List<State> next = new ArrayList<>();
        for (int i = 0; i < state.workers().size(); i++) {
            var worker = state.workers().get(i);
            if (worker.stage() == Stage.IDLE) {
                continue;
            }
            var fault = state.fault();
            var back = worker.holds() && !state.gone() ? fault.queue(true) : fault;
            next.add(back.with(i, new Worker(Stage.IDLE, 0, false)));
            if (worker.holds()) {
                next.add(back.with(i, new Worker(worker.stage(), worker.outcome(), false)));
            }
            if (worker.stage() == Stage.COMMITTED_UNHEARD) {
                next.add(fault.with(i, worker.to(Stage.READY)));
            }
            if (worker.stage() == Stage.PUBLISHED) {
                next.add(fault.with(i, worker.to(Stage.HAS_OUTCOME)));
            }
        }
        return next;
    }
}
