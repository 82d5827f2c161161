"""Networks on images: autoencoder, classifiers, learner, restoration."""
