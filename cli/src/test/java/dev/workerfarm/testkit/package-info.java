/** Brokers and Redises for integration tests: real ones, which tests may restart and kill. */
@NullMarked
package dev.workerfarm.testkit;

import org.jspecify.annotations.NullMarked;
