package dev.workerfarm.worker.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Beside {@link SettlingModel}: the arrows of a chunk of two items that is cut between them while the first runs, with shared
 * state and two workers. The model goes through every order of the steps and of the faults that may come between them.
 */
final class CuttingModel {
    enum Stage {
        IDLE,
        TAKEN,
        /** A run before has noted a cut: the tail is to be published again. */
        TAIL_DUE,
        FIRST_RUNS,
        CUT_NOTED,
        TAIL_OUT,
        SECOND_RUNS,
        ENDED,
        ANSWERED,
        ACKED_BEFORE_THE_TAIL
    }

    /** A step left out, or out of its place: the model is to notice. */
    enum Flaw {
        NONE,
        ANSWERED_AND_ACKED_BEFORE_THE_TAIL,
        NO_TAIL_AGAIN,
        TAIL_UNDER_A_KEY_OF_ITS_OWN,
        EXPIRES_WITH_THE_FIRST_PART,
        HEAD_SETTLES_THE_WHOLE,
        PARTS_NEVER_SETTLE_THE_WHOLE
    }

    /** In place of an outcome: it was kept for a day and is gone. */
    static final int EXPIRED = -1;

    private static final int WHOLE = 0;
    private static final int HEAD = 1;
    private static final int TAIL = 2;

    /**
     * A hand of a worker, which has or had a delivery of the chunk, or of its tail.
     *
     * @param end behind the last item that it runs
     * @param settles what the message is settled as, if it is settled before the run
     * @param outcomes of the two items, 0 for none
     * @param holds whether its delivery is the one that counts: the broker takes an ack of it
     */
    record Hand(
            Stage stage, boolean isTail, int end, boolean mayCut, int settles, List<Integer> outcomes, boolean holds) {
        Hand to(Stage next) {
            return new Hand(next, isTail, end, mayCut, settles, outcomes, holds);
        }

        Hand to(Stage next, int newEnd, int newSettles) {
            return new Hand(next, isTail, newEnd, false, newSettles, outcomes, holds);
        }

        Hand with(int item, int outcome) {
            return new Hand(stage, isTail, end, mayCut, settles, set(outcomes, item, outcome), holds);
        }

        Hand twin() {
            return new Hand(stage, isTail, end, mayCut, settles, outcomes, false);
        }

        int first() {
            return isTail ? 1 : 0;
        }
    }

    private static final List<Integer> NONE = List.of(0, 0);
    private static final Hand IDLE = new Hand(Stage.IDLE, false, 2, false, WHOLE, NONE, false);
    private static final Comparator<Hand> ANY_ORDER = Comparator.comparing(Hand::toString);

    /**
     * Everything.
     *
     * @param queued how many messages wait: the chunk, the chunk delivered before, the tail
     * @param noted whether the cut is in the ledger
     * @param kept the outcomes in the ledger: of the items, and, for a flaw, of the second under the tail's own key
     * @param committed the first outcome of each item that was ever in the ledger
     * @param effects how often those of each item were applied
     * @param marks what is settled: the whole, the head, the tail
     * @param replies the answers to each item
     */
    record State(
            List<Hand> hands,
            List<Integer> queued,
            boolean noted,
            List<Integer> kept,
            List<Integer> committed,
            List<Integer> effects,
            Set<Integer> marks,
            List<Set<Integer>> replies,
            int faults) {
        State with(int index, Hand hand) {
            List<Hand> changed = new ArrayList<>(hands);
            changed.set(index, hand);
            changed.sort(ANY_ORDER);
            return new State(List.copyOf(changed), queued, noted, kept, committed, effects, marks, replies, faults);
        }

        State queue(int message, int by) {
            // Two copies of a message find what one finds.
            var count = Math.min(2, queued.get(message) + by);
            return new State(
                    hands, set(queued, message, count), noted, kept, committed, effects, marks, replies, faults);
        }

        State note() {
            return new State(hands, queued, true, kept, committed, effects, marks, replies, faults);
        }

        State commit(int key, int item, int outcome) {
            var first = committed.get(item) == 0 ? set(committed, item, outcome) : committed;
            var applied = set(effects, item, effects.get(item) + 1);
            return new State(hands, queued, noted, set(kept, key, outcome), first, applied, marks, replies, faults);
        }

        State expire() {
            return new State(hands, queued, noted, List.of(0, 0, 0), committed, effects, marks, replies, faults);
        }

        State mark(Set<Integer> more) {
            Set<Integer> all = new HashSet<>(marks);
            all.addAll(more);
            return new State(hands, queued, noted, kept, committed, effects, Set.copyOf(all), replies, faults);
        }

        State reply(int item, int outcome) {
            Set<Integer> more = new HashSet<>(replies.get(item));
            more.add(outcome);
            return new State(
                    hands,
                    queued,
                    noted,
                    kept,
                    committed,
                    effects,
                    marks,
                    set(replies, item, Set.copyOf(more)),
                    faults);
        }

        State fault() {
            return new State(hands, queued, noted, kept, committed, effects, marks, replies, faults - 1);
        }
    }

    private static <T> List<T> set(List<T> list, int place, T value) {
        List<T> changed = new ArrayList<>(list);
        changed.set(place, value);
        return List.copyOf(changed);
    }

    private final Flaw flaw;

    CuttingModel(Flaw flaw) {
        this.flaw = flaw;
    }

    /** The first state, the nearest first, that is wanted, or empty: none is. */
    Optional<State> find(int faults, Predicate<State> wanted) {
        var start = new State(
                List.of(IDLE, IDLE),
                List.of(1, 0, 0),
                false,
                List.of(0, 0, 0),
                NONE,
                NONE,
                Set.of(),
                List.of(Set.of(), Set.of()),
                faults);
        Set<State> seen = new HashSet<>(List.of(start));
        Deque<State> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            var state = open.remove();
            if (wanted.test(state)) {
                return Optional.of(state);
            }
            List<State> next = new ArrayList<>(steps(state));
            if (mayExpire(state)) {
                next.add(state.expire()); // a day later
            }
            if (state.faults() > 0) {
                next.addAll(mishaps(state));
            }
            next.stream().filter(seen::add).forEach(open::add);
        }
        return Optional.empty();
    }

    private boolean mayExpire(State state) {
        return flaw == Flaw.EXPIRES_WITH_THE_FIRST_PART
                ? !state.marks().isEmpty()
                : state.marks().contains(WHOLE) || state.marks().containsAll(Set.of(HEAD, TAIL));
    }

    /** What may come next where nothing goes wrong; empty at the end. */
    List<State> steps(State state) {
        List<State> next = new ArrayList<>();
        for (int i = 0; i < state.hands().size(); i++) {
            var hand = state.hands().get(i);
            switch (hand.stage()) {
                case IDLE -> take(state, i, next);
                case TAKEN -> next.add(state.with(i, hand.to(look(state, hand))));
                case TAIL_DUE -> {
                    var obeys = hand.to(Stage.FIRST_RUNS, 1, HEAD);
                    next.add((flaw == Flaw.NO_TAIL_AGAIN ? state : state.queue(2, 1)).with(i, obeys));
                    if (flaw != Flaw.NO_TAIL_AGAIN) {
                        next.add(state.with(i, hand.to(Stage.FIRST_RUNS, 2, HEAD))); // the broker refuses it
                    }
                }
                case FIRST_RUNS -> {
                    next.add(run(state, i, hand, 0, hand.end() == 2 ? Stage.SECOND_RUNS : Stage.ENDED));
                    if (hand.mayCut()) {
                        next.add(state.note().with(i, hand.to(Stage.CUT_NOTED)));
                    }
                }
                case CUT_NOTED -> {
                    if (flaw == Flaw.ANSWERED_AND_ACKED_BEFORE_THE_TAIL) {
                        next.add(run(state, i, hand.to(Stage.CUT_NOTED, 1, WHOLE), 0, Stage.ENDED));
                        continue;
                    }
                    next.add(state.queue(2, 1).with(i, hand.to(Stage.TAIL_OUT)));
                    next.add(state.with(i, hand.to(Stage.FIRST_RUNS, 2, WHOLE))); // refused
                }
                case TAIL_OUT -> {
                    next.add(state.with(i, hand.to(Stage.FIRST_RUNS, 1, WHOLE))); // confirmed
                    next.add(state.with(i, hand.to(Stage.FIRST_RUNS, 2, WHOLE))); // or not in time
                }
                case SECOND_RUNS -> next.add(run(state, i, hand, 1, Stage.ENDED));
                case ENDED -> {
                    var answered = state;
                    for (int item = hand.first(); item < hand.end(); item++) {
                        answered = answered.reply(item, hand.outcomes().get(item));
                    }
                    next.add(answered.with(i, hand.to(Stage.ANSWERED)));
                }
                case ANSWERED -> next.add(settled(state, i, hand));
                case ACKED_BEFORE_THE_TAIL -> next.add(state.queue(2, 1).with(i, IDLE));
            }
        }
        return next.stream().filter(other -> !other.equals(state)).toList();
    }

    private static void take(State state, int i, List<State> next) {
        for (var message : IntStream.range(0, 3).toArray()) {
            if (state.queued().get(message) > 0) {
                var isTail = message == 2;
                var hand = new Hand(Stage.TAKEN, isTail, 2, message == 0, isTail ? TAIL : WHOLE, NONE, true);
                next.add(state.queue(message, -1).with(i, hand));
            }
        }
    }

    private static Stage look(State state, Hand hand) {
        if (hand.isTail()) {
            return Stage.SECOND_RUNS;
        }
        return state.noted() && !hand.mayCut() ? Stage.TAIL_DUE : Stage.FIRST_RUNS;
    }

    /** An item's run and its commit, in one step: what comes between is {@link SettlingModel}'s. */
    private State run(State state, int i, Hand hand, int item, Stage next) {
        var key = hand.isTail() && flaw == Flaw.TAIL_UNDER_A_KEY_OF_ITS_OWN ? 2 : item;
        var known = state.kept().get(key);
        if (known != 0) {
            return state.with(i, hand.with(item, known).to(next));
        }
        if (state.marks().contains(WHOLE) || state.marks().contains(hand.settles())) {
            return state.with(i, hand.with(item, EXPIRED).to(next));
        }
        var outcome = state.effects().get(item) + 1;
        return state.commit(key, item, outcome).with(i, hand.with(item, outcome).to(next));
    }

    private State settled(State state, int i, Hand hand) {
        var isHead = !hand.isTail() && hand.end() == 1;
        if (!hand.holds()) {
            return state.with(i, IDLE);
        }
        var after =
                state.mark(Set.of(hand.isTail() ? TAIL : isHead && flaw != Flaw.HEAD_SETTLES_THE_WHOLE ? HEAD : WHOLE));
        if (after.marks().containsAll(Set.of(HEAD, TAIL)) && flaw != Flaw.PARTS_NEVER_SETTLE_THE_WHOLE) {
            after = after.mark(Set.of(WHOLE));
        }
        var isLate = flaw == Flaw.ANSWERED_AND_ACKED_BEFORE_THE_TAIL && isHead;
        return after.with(i, isLate ? IDLE.to(Stage.ACKED_BEFORE_THE_TAIL) : IDLE);
    }

    /** What may go wrong now: killed, or the connection lost while it works on. */
    private static List<State> mishaps(State state) {
        List<State> next = new ArrayList<>();
        for (int i = 0; i < state.hands().size(); i++) {
            var hand = state.hands().get(i);
            if (hand.stage() == Stage.IDLE) {
                continue;
            }
            var requeued = hand.holds() ? state.fault().queue(hand.isTail() ? 2 : 1, 1) : state.fault();
            next.add(requeued.with(i, IDLE));
            if (hand.holds()) { // from here on it is the late twin
                next.add(requeued.with(i, hand.twin()));
            }
        }
        return next;
    }
}
