"""The synthesizer of the chapter usable-information: a convolutional autoencoder with a dense latent code."""

from torch import Tensor, nn

from lib import seeds, tensors
from lib.theory import checks


class Autoencoder(nn.Module):
    """Images to images of the same shape: convolutional encoder, dense latent code, convolutional decoder.

    ::

        x (N, channels, size, size), values in [0, 1]
          -> (N, w1, size/2, size/2) -> (N, w2, size/4, size/4)     two 3 x 3 convolutions of stride 2
          -> (N, latent)                                            one dense layer: the code
          -> (N, w2, size/4, size/4)                                one dense layer
          -> (N, w1, size/2, size/2) -> (N, channels, size, size)   two 4 x 4 transposed convolutions of stride 2
        output in (0, 1), by a sigmoid

    The code is dense because a pixel of a permuted image belongs anywhere: convolutions alone reach a few pixels to each side,
    and could not carry it there.

    Parameters
    ----------
    channels, size : int
        Of the images; ``size`` is a multiple of 4 in [8, 256]. Digits are (1, 16), CIFAR-10 is (3, 32).
    capacity : float in (0, 16]
        C_G, which multiplies both widths and the latent dimension (rounded, at least 1). Parameters grow about as C_G squared.
    widths : (int, int)
        Channels w1 and w2 at capacity 1.
    latent : int
        Dimension of the code at capacity 1.
    seed : int
        Of the initial weights, torch's own distributions.

    Notes
    -----
    Raises ValueError for a value outside its range, and for images of another shape. Source: Bharthulwar, Section 2
    (synthesizer), which prints no layer sizes: these are the book's. Checked by tests/models/images/test_autoencoder.py.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        *,
        capacity: float = 1.0,
        widths: tuple[int, int] = (32, 64),
        latent: int = 256,
        seed: int,
    ):
        super().__init__()
        channels = checks.integer("channels", channels, 1, 1024)
        size = checks.integer("size", size, 8, 256)
        if size % 4:
            raise ValueError(f"size = {size} is outside the multiples of 4")
        widths = tensors.whole_numbers("widths", widths, 10**4)
        if len(widths) != 2:
            raise ValueError(f"widths has {len(widths)} numbers, allowed: two")
        latent = checks.integer("latent", latent, 1, 10**6)
        capacity = checks.real("capacity", capacity, 0.0, 16.0, open_low=True)
        w1, w2, code = (max(1, round(capacity * width)) for width in (*widths, latent))
        self.shape = (channels, size, size)
        small = (w2, size // 4, size // 4)
        with seeds.everywhere(seed, "autoencoder"):
            self.encoder = nn.Sequential(
                nn.Conv2d(channels, w1, 3, stride=2, padding=1),
                nn.ReLU(),
                nn.Conv2d(w1, w2, 3, stride=2, padding=1),
                nn.ReLU(),
                nn.Flatten(),  # (N, w2 size^2 / 16)
                nn.Linear(w2 * (size // 4) ** 2, code),
            )
            self.decoder = nn.Sequential(
                nn.Linear(code, w2 * (size // 4) ** 2),
                nn.ReLU(),
                nn.Unflatten(1, small),
                nn.ConvTranspose2d(w2, w1, 4, stride=2, padding=1),
                nn.ReLU(),
                nn.ConvTranspose2d(w1, channels, 4, stride=2, padding=1),
                nn.Sigmoid(),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Reconstructions (N, channels, size, size) in (0, 1) of images x of the same shape."""
        if x.shape[1:] != self.shape:
            raise ValueError(f"images have shape {tuple(x.shape)}, allowed: (N, {', '.join(map(str, self.shape))})")
        return self.decoder(self.encoder(x))
