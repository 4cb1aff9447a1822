package dev.workerfarm.pool;

import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Keeps what a class logs during a test; one for each test, by {@code @RegisterExtension}. */
public final class LogCapture implements BeforeEachCallback, AfterEachCallback {
    private final Logger logger;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    public LogCapture(Class<?> logging) {
        // Until SLF4J is set up, by another test's thread, it gives out loggers that only keep what they get.
        await().until(() -> LoggerFactory.getLogger(logging) instanceof Logger);
        this.logger = (Logger) LoggerFactory.getLogger(logging);
    }

    /** What was logged so far. */
    public List<ILoggingEvent> events() {
        return log.list;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        log.start();
        logger.addAppender(log);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        logger.detachAppender(log);
    }
}
