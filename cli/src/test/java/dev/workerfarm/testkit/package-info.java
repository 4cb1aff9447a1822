/** Brokers and Redises for integration tests: real ones, which tests may restart and kill. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.testkit;
