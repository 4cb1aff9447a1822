package dev.workerfarm.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.task.PostponedMessage;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every order of what a handover does and of what may befall it, up to eight steps, by the class itself on a broker of a few
 * lines: nothing is lost, and nothing runs twice but where the reason is known.
 */
class HandoversTest {
    private static final int MOST_STEPS = 8;
    private static final Subscription SUBSCRIPTION = subscription();
    private static final AMQP.BasicProperties PROPERTIES = new AMQP.BasicProperties();

    /** What may happen next. */
    private enum Step {
        LOOK,
        CONFIRM,
        /** The confirm is lost with the publishing connection, which publishes again. */
        PUBLISH_TWICE,
        REFUSE,
        ARRIVE,
        END_TASK,
        /** All that is held goes back; what is old enough at once to the queue that it came from. */
        LOSE_CONNECTION_WITH_OLD_COPIES,
        LOSE_CONNECTION_WITH_YOUNG_COPIES,
        /** A copy waited too long for its worker. */
        EXPIRE;

        boolean isFault() {
            return this == LOSE_CONNECTION_WITH_OLD_COPIES
                    || this == LOSE_CONNECTION_WITH_YOUNG_COPIES
                    || this == EXPIRE;
        }
    }

    /** A message on the broker. */
    private static final class Lying {
        private final AMQP.BasicProperties properties;
        private Place place;
        /** As it is held. */
        private @Nullable Delivery delivery;

        private Lying(AMQP.BasicProperties properties, Place place) {
            this.properties = properties;
            this.place = place;
        }
    }

    private enum Place {
        /** The publisher has it, the broker has not. */
        UNSENT,
        /** In our own queue. */
        READY,
        HELD,
        /** Back where it came from: somebody runs it. */
        ORIGIN,
        ACKED
    }

    /** A worker with one task, its broker, and what came of it. */
    private static final class World {
        private final List<Lying> messages = new ArrayList<>();
        private final List<CompletableFuture<Void>> publishes = new ArrayList<>();
        private final List<Delivery> foreign = new ArrayList<>();
        private final Handovers handovers = new Handovers(this::publish, foreign::add);
        private final Deque<Runnable> told = new ArrayDeque<>();
        private final Delivery begun;
        private long tags;
        private boolean ended;
        private long nanos;

        World() {
            var first = new Lying(PROPERTIES, Place.HELD);
            messages.add(first);
            begun = hold(first);
        }

        private CompletableFuture<Void> publish(String queue, EncodedMessage copy) {
            messages.add(new Lying(copy.properties(), Place.UNSENT));
            publishes.add(new CompletableFuture<>());
            return publishes.get(publishes.size() - 1);
        }

        private Delivery hold(Lying message) {
            message.place = Place.HELD;
            message.delivery = new Delivery(SUBSCRIPTION, ++tags, "tasks", false, message.properties, new byte[0]);
            return message.delivery;
        }

        private void ack(List<Delivery> deliveries) {
            for (var delivery : deliveries) {
                messages.stream()
                        .filter(message -> message.place == Place.HELD && delivery.equals(message.delivery))
                        .forEach(message -> message.place = Place.ACKED);
            }
        }

        private long count(Place place) {
            return messages.stream().filter(message -> message.place == place).count();
        }

        private Lying first(Place place) {
            return messages.stream()
                    .filter(message -> message.place == place)
                    .findFirst()
                    .orElseThrow();
        }

        private CompletableFuture<Void> publish() {
            return publishes.stream().filter(each -> !each.isDone()).findFirst().orElseThrow();
        }

        List<Step> possible() {
            List<Step> steps = new ArrayList<>();
            if (count(Place.HELD) > 0) {
                steps.add(Step.LOOK);
                steps.add(Step.LOSE_CONNECTION_WITH_OLD_COPIES);
                steps.add(Step.LOSE_CONNECTION_WITH_YOUNG_COPIES);
            }
            if (count(Place.UNSENT) > 0) {
                steps.addAll(List.of(Step.CONFIRM, Step.REFUSE));
                if (messages.size() < 3) {
                    steps.add(Step.PUBLISH_TWICE);
                }
            }
            if (count(Place.READY) > 0) {
                steps.addAll(List.of(Step.ARRIVE, Step.EXPIRE));
            }
            if (!ended) {
                steps.add(Step.END_TASK);
            }
            return steps;
        }

        void take(Step step) {
            switch (step) {
                case LOOK -> {
                    for (var message : List.copyOf(messages)) {
                        if (message.place == Place.HELD && message.delivery != null) {
                            ack(handovers.begin(
                                    message.delivery,
                                    "running",
                                    number -> told.add(() -> ack(handovers.confirmed(number, nanos))),
                                    number -> told.add(() -> ack(handovers.refused(number))),
                                    nanos));
                        }
                    }
                }
                case CONFIRM -> {
                    first(Place.UNSENT).place = Place.READY;
                    publish().complete(null);
                }
                case PUBLISH_TWICE -> messages.add(new Lying(first(Place.UNSENT).properties, Place.READY));
                case REFUSE -> {
                    messages.remove(first(Place.UNSENT));
                    publish().completeExceptionally(new IOException("refused"));
                }
                case ARRIVE -> ack(handovers.arrived(hold(first(Place.READY))));
                case END_TASK -> {
                    ended = true;
                    ack(handovers.settled(begun));
                }
                case LOSE_CONNECTION_WITH_OLD_COPIES, LOSE_CONNECTION_WITH_YOUNG_COPIES -> {
                    for (var message : messages) {
                        if (message.place == Place.HELD) {
                            var stays = step == Step.LOSE_CONNECTION_WITH_YOUNG_COPIES
                                    && PostponedMessage.isRunningCopy(message.properties);
                            message.place = stays ? Place.READY : Place.ORIGIN;
                        }
                    }
                    handovers.lost();
                }
                case EXPIRE -> first(Place.READY).place = Place.ORIGIN;
            }
            while (!told.isEmpty()) {
                told.remove().run();
            }
        }

        /** The broker does what it still has to, the task ends, and time passes. */
        void goOn() {
            for (int turn = 0; turn < 3; turn++) {
                while (count(Place.UNSENT) > 0) {
                    take(Step.CONFIRM);
                }
                while (count(Place.READY) > 0) {
                    take(Step.ARRIVE);
                }
                if (!ended) {
                    take(Step.END_TASK);
                } else if (count(Place.HELD) > 0) {
                    nanos += 3 * PostponedMessage.COPY_TIME_TO_LIVE.toNanos();
                    take(Step.LOOK);
                }
            }
        }

        @Override
        public String toString() {
            return messages.stream().map(message -> message.place).toList() + " ended=" + ended;
        }
    }

    @Test
    void nothingIsLostAndNothingRunsTwiceWithoutAReason() {
        Deque<List<Step>> open = new ArrayDeque<>(List.of(List.of()));
        var paths = 0;
        var twoHandovers = 0;
        while (!open.isEmpty()) {
            var path = open.pop();
            paths++;
            twoHandovers += path.stream().filter(Step.ARRIVE::equals).count() == 2 ? 1 : 0;
            var world = at(path);
            if (path.size() < MOST_STEPS) {
                for (var step : world.possible()) {
                    var next = new ArrayList<>(path);
                    next.add(step);
                    open.push(next);
                }
            }
            check(path, world);
        }
        System.out.println("handovers gone through: " + paths);
        assertThat(paths).isGreaterThan(5_000);
        assertThat(twoHandovers).isPositive();
    }

    private static World at(List<Step> path) {
        var world = new World();
        path.forEach(world::take);
        return world;
    }

    private static void check(List<Step> path, World world) {
        var alive = world.messages.size() - world.count(Place.ACKED) - world.count(Place.UNSENT);
        if (!world.ended) {
            // Killed now, it would run again: from its queue, or from the copy's.
            assertThat(alive)
                    .as(() -> path + " a message that is not done " + world)
                    .isPositive();
        }
        world.goOn();
        var runsElsewhere = world.count(Place.ORIGIN);
        assertThat(world.foreign)
                .as(() -> path + " nothing is run here that was run here")
                .isEmpty();
        assertThat(world.count(Place.HELD))
                .as(() -> path + " nothing is held for ever " + world)
                .isZero();
        var faults = path.stream().filter(Step::isFault).count();
        assertThat(runsElsewhere).as(() -> path + " runs elsewhere " + world).isLessThanOrEqualTo(faults);
        if (!path.contains(Step.EXPIRE) && !path.contains(Step.PUBLISH_TWICE)) {
            assertThat(runsElsewhere)
                    .as(() -> path + " a lost connection runs it once more " + world)
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void aPublisherThatIsBusyIsAskedAgainAtTheNextLook() {
        var world = new World();
        var busy = new Handovers(
                (queue, copy) -> {
                    throw new PublishTimeoutException("full");
                },
                world.foreign::add);

        assertThat(busy.begin(world.begun, "running", number -> {}, number -> {}, 0))
                .isEmpty();
        assertThat(busy.settled(world.begun)).containsExactly(world.begun);
    }

    @Test
    void aCopyThatDoesNotArriveIsFollowedByAnother() {
        var world = new World();
        world.take(Step.LOOK);
        world.take(Step.CONFIRM);
        world.take(Step.EXPIRE);

        var later = PostponedMessage.COPY_TIME_TO_LIVE.multipliedBy(3).toNanos();
        world.handovers.begin(world.begun, "running", number -> {}, number -> {}, later);

        assertThat(world.count(Place.UNSENT)).isEqualTo(1);
        world.take(Step.CONFIRM);
        world.take(Step.ARRIVE);
        world.take(Step.END_TASK);
        assertThat(world.count(Place.ACKED)).isEqualTo(2);
    }

    @Test
    void twinsOfOneMessageAreNotMixedUp() {
        var world = new World();
        var twin = world.hold(new Lying(PROPERTIES, Place.HELD));
        world.take(Step.LOOK);
        world.take(Step.CONFIRM);
        world.take(Step.ARRIVE);

        assertThat(world.handovers.settled(twin)).containsExactly(twin);
        assertThat(world.handovers.settled(world.begun)).singleElement().satisfies(copy -> {
            assertThat(copy.properties()).matches(PostponedMessage::isRunningCopy);
        });
    }

    @Test
    void whatAStrangerPutsIntoOurQueueIsRunLikeAnyMessage() {
        var world = new World();
        var stranger = world.hold(new Lying(PROPERTIES, Place.HELD));

        assertThat(world.handovers.arrived(stranger)).isEmpty();
        assertThat(world.foreign).containsExactly(stranger);
    }

    /** On a channel that does nothing. */
    private static Subscription subscription() {
        var channel = (TaskChannel) Proxy.newProxyInstance(
                HandoversTest.class.getClassLoader(),
                new Class<?>[] {TaskChannel.class},
                (proxy, method, arguments) -> null);
        var settler = new Settler(
                        new Handovers((queue, copy) -> new CompletableFuture<>(), delivery -> {}), fault -> {})
                .start();
        try {
            return new Subscription(channel, "tasks", new LinkedBlockingQueue<>(), settler, () -> {})
                    .consume("running", 0, Map.of());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            settler.finish();
        }
    }
}
