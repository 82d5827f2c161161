"""Networks on images: autoencoder, classifiers, learner, corruption, matching, linear restorer, synthesizer, similarity."""
