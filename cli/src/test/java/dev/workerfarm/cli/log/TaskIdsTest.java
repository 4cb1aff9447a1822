package dev.workerfarm.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import dev.workerfarm.wire.context.LogContext;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class TaskIdsTest {
    private final LoggerContext context = new LoggerContext();
    private final ListAppender<ILoggingEvent> events = new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent event) {
            event.prepareForDeferredProcessing(); // as an encoder reads it, at once
            super.append(event);
        }
    };
    private final AtomicInteger made = new AtomicInteger();
    private int place;

    @BeforeEach
    void filter() {
        context.setMDCAdapter((LogbackMDCAdapter) MDC.getMDCAdapter());
        var ids = new TaskIds();
        ids.setContext(context);
        ids.start();
        context.addTurboFilter(ids);
        events.start();
        context.getLogger("ROOT").addAppender(events);
        context.getLogger("ROOT").setLevel(Level.INFO);
    }

    @AfterEach
    void leave() {
        LogContext.leave();
    }

    private String presentId() {
        made.incrementAndGet();
        return "map:" + place;
    }

    @Test
    void aLineHasTheIdOfTheCallThatLogsIt() {
        var log = context.getLogger("task");
        LogContext.enter(0, "tasks", Map.of());
        LogContext.call("map:0", "noisy");
        assertThat(LogContext.calls(this::presentId)).isTrue();

        for (place = 1; place < 4; place++) {
            log.info("item {}", place);
            log.debug("not logged");
        }
        LogContext.leave();
        log.info("after");

        assertThat(events.list)
                .extracting(event -> event.getMDCPropertyMap().get("taskId"))
                .containsExactly("map:1", "map:2", "map:3", null);
        assertThat(events.list.get(0).getMDCPropertyMap()).containsEntry("task", "noisy");
        assertThat(made).as("no id for what is not logged").hasValue(3);
    }
}
